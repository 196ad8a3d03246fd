package io.kinora.decoder.nn;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Weights that are a function of their names, so that a fixture needs no checkpoint. Tensors belong to the scope that was open when they
 * were taken.
 */
public final class FillRule implements Weights {
    private static final long FNV_OFFSET = 0xCBF29CE484222325L;
    private static final long FNV_PRIME = 0x100000001B3L;

    private final Engine engine;
    private final String prefix;
    private final Rule rule;

    /** Element i of the tensor of a name, which has {@code row} elements for each position of its first axis. */
    private interface Rule {
        double element(String name, int i, boolean vector, double row);
    }

    private FillRule(Engine engine, String prefix, Rule rule) {
        this.engine = engine;
        this.prefix = prefix;
        this.rule = rule;
    }

    /**
     * The rule of the specification's golden vectors: with s the sum of the name's character codes modulo 1000, element i is {@code base +
     * amp · sin(0.37 i + 0.11 s + 1)}; base is 1 for the weights of norms and else 0, amp 0.1 for vectors and else 0.5 / √row.
     */
    public static FillRule of(Engine engine) {
        return new FillRule(engine, "", FillRule::golden);
    }

    /** The rule of {@code tools/parity/diffusion_nets.py}: uniform numbers by splitmix64 from the name's FNV-1a. */
    public static FillRule uniform(Engine engine) {
        return new FillRule(engine, "", FillRule::uniform);
    }

    private static double golden(String name, int i, boolean vector, double row) {
        int s = name.chars().sum() % 1000;
        double base = vector && name.endsWith(".weight") ? 1 : 0;
        double amp = vector ? 0.1 : 0.5 / Math.sqrt(row);
        return base + amp * Math.sin(0.37 * i + 0.11 * s + 1.0);
    }

    private static double uniform(String name, int i, boolean vector, double row) {
        long hash = FNV_OFFSET;
        for (byte character : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (character & 0xFF)) * FNV_PRIME;
        }
        long z = hash + (i + 1) * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        z ^= z >>> 31;
        double v = (2 * ((z >>> 11) * 0x1.0p-53) - 1) * Math.sqrt(3);
        if (vector) {
            return name.endsWith(".weight") ? 1 + 0.3 * v : 0.1 * v;
        }
        return v / Math.sqrt(row);
    }

    @Override
    public Engine engine() {
        return engine;
    }

    @Override
    public Weights at(String name) {
        return new FillRule(engine, prefix + name + ".", rule);
    }

    @Override
    public boolean has(String name) {
        return true;
    }

    @Override
    public Tensor take(String name, long... shape) {
        float[] values = new float[Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact))];
        double row = (double) values.length / shape[0];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) rule.element(prefix + name, i, shape.length == 1, row);
        }
        return engine.of(values, shape);
    }

    @Override
    public void ignore(String unused) {
        // A function of names has none left over.
    }
}
