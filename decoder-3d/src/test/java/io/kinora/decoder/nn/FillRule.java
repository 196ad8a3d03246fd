package io.kinora.decoder.nn;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import java.util.Arrays;

/**
 * Weights that are a function of their names, so that golden values need no checkpoint: with s the sum of the name's character codes modulo
 * 1000, element i is {@code base + amp · sin(0.37 i + 0.11 s + 1)}; base is 1 for the weights of norms and else 0, amp is 0.1 for
 * vectors and else 0.5 / √(elements of a row). Tensors belong to the scope that was open when they were taken.
 */
public final class FillRule implements Weights {
    private final Engine engine;
    private final String prefix;

    private FillRule(Engine engine, String prefix) {
        this.engine = engine;
        this.prefix = prefix;
    }

    /** Weights of a whole network. */
    public static FillRule of(Engine engine) {
        return new FillRule(engine, "");
    }

    @Override
    public Engine engine() {
        return engine;
    }

    @Override
    public Weights at(String name) {
        return new FillRule(engine, prefix + name + ".");
    }

    @Override
    public boolean has(String name) {
        return true;
    }

    @Override
    public Tensor take(String name, long... shape) {
        String key = prefix + name;
        int s = key.chars().sum() % 1000;
        long elements = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        boolean vector = shape.length == 1;
        double base = vector && key.endsWith(".weight") ? 1 : 0;
        double amp = vector ? 0.1 : 0.5 / Math.sqrt(elements / (double) shape[0]);
        float[] values = new float[Math.toIntExact(elements)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (base + amp * Math.sin(0.37 * i + 0.11 * s + 1.0));
        }
        return engine.of(values, shape);
    }

    @Override
    public void ignore(String unused) {
        // A function of names has none left over.
    }
}
