package io.kinora.model.llm;

import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;

/**
 * Cosines and sines of the rotary angles (Su et al., 2021) for every position a model knows: angle(p, i) = p · theta^(−2i/d).
 *
 * <p>Frequencies and angles are formed in single precision and the results rounded to the model's type, as the reference does: at
 * position 2000 that rounding is visible. Letters: S positions, d head width. Immutable and thread-safe; closing frees the tables.
 */
final class RotaryTable implements AutoCloseable {
    private final Tensor cos; // (S, d/2)
    private final Tensor sin; // (S, d/2)

    RotaryTable(Engine engine, LlamaConfig config, DType dtype) {
        int S = config.maxPositions();
        int pairs = config.headWidth() / 2;
        float[] cosines = new float[S * pairs];
        float[] sines = new float[S * pairs];
        for (int i = 0; i < pairs; i++) {
            float exponent = (float) (2 * i) / config.headWidth();
            float frequency = 1 / (float) Math.pow(config.ropeTheta(), exponent);
            for (int p = 0; p < S; p++) {
                float angle = p * frequency;
                cosines[p * pairs + i] = (float) Math.cos(angle);
                sines[p * pairs + i] = (float) Math.sin(angle);
            }
        }
        try (Scope scope = engine.scope()) {
            this.cos = scope.detach(engine.of(cosines, S, pairs).to(dtype));
            this.sin = scope.detach(engine.of(sines, S, pairs).to(dtype));
        }
    }

    /** The rows of these positions, {@code [N]} to twice {@code [N, d/2]}. */
    Angles at(Tensor positions) {
        Engine engine = positions.engine();
        return new Angles(engine.gather(cos, positions), engine.gather(sin, positions));
    }

    /** Cosines and sines of the packed rows, both {@code [N, d/2]}; made once for a batch and shared by all layers. */
    record Angles(Tensor cos, Tensor sin) {
        /** Turns {@code x [1, H, N, d]}. */
        Tensor turn(Tensor x) {
            return x.engine().rotary(x, cos, sin);
        }
    }

    @Override
    public void close() {
        cos.close();
        sin.close();
    }
}
