package io.kinora.tensor.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Shape;
import io.kinora.tensor.TorchRandom;

/** {@code noise}: draws in sequence from one generator of torch's CPU noise. */
public final class NoiseComponent implements ParityComponent {
    @Override
    public String name() {
        return "noise";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        TorchRandom random = new TorchRandom(parityCase.required("seed").longValue());
        int draw = 0;
        for (JsonNode sizes : parityCase.required("shapes")) {
            long[] shape = new long[sizes.size()];
            for (int axis = 0; axis < shape.length; axis++) {
                shape[axis] = sizes.get(axis).longValue();
            }
            outputs.put(
                    "draw_" + draw,
                    random.normal(Math.toIntExact(Shape.of(shape).elements())),
                    shape);
            draw++;
        }
    }
}
