package io.kinora.decoder.parity;

import io.kinora.decoder.schedule.NoiseSource;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.TorchRandom;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The noise of a pipeline: its first draws are the tensors that the case gives, where it gives them; all others come from PyTorch's
 * generator with the case's seed.
 */
final class GivenNoise implements NoiseSource {
    private final Engine engine;
    private final TorchRandom random;
    private final Deque<Optional<Tensor>> draws = new ArrayDeque<>();

    /** With the inputs that stand for the first draws, in order. */
    GivenNoise(ParityCase parityCase, Engine engine, List<String> inputs) {
        this.engine = engine;
        this.random = new TorchRandom(parityCase.input("seed").asLong(0));
        for (String input : inputs) {
            draws.add(parityCase.hasInput(input) ? Optional.of(parityCase.tensor(input, engine)) : Optional.empty());
        }
    }

    @Override
    public Tensor normal(Shape shape) {
        Optional<Tensor> given = draws.isEmpty() ? Optional.empty() : draws.poll();
        return given.map(noise -> shaped(noise, shape)).orElseGet(() -> random.normal(engine, shape.toArray()));
    }

    /** Noise of a clip's frames is given as rows {@code [F, C, Y, X]}, or as the clip {@code [1, C, F, Y, X]}. */
    private static Tensor shaped(Tensor noise, Shape shape) {
        Tensor rows = noise.rank() == 5 && shape.rank() == 4
                ? noise.permute(0, 2, 1, 3, 4).reshape(-1, noise.dim(1), noise.dim(3), noise.dim(4))
                : noise;
        if (!rows.shape().equals(shape)) {
            throw new ParityException("noise is of the shape %s, expected %s".formatted(noise.shape(), shape));
        }
        return rows;
    }
}
