package io.kinora.tensor.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Collects the outputs of a component under the names of the format. Values are copied when they are put in. Not thread-safe.
 */
public final class ParityOutputs {
    private final Map<String, Output> outputs = new LinkedHashMap<>();

    /** A tensor of any type. */
    public void put(String name, Tensor tensor) {
        if (tensor.dtype().isFloat()) {
            outputs.put(name, new Numbers(tensor.shape(), tensor.toFloats()));
        } else {
            outputs.put(name, new Numbers(tensor.shape(), tensor.toLongs()));
        }
    }

    /** Numbers in row-major order. */
    public void put(String name, float[] values, long... sizes) {
        outputs.put(name, new Numbers(Shape.of(sizes), values.clone()));
    }

    /** Whole numbers in row-major order. */
    public void put(String name, long[] values, long... sizes) {
        outputs.put(name, new Numbers(Shape.of(sizes), values.clone()));
    }

    /** A literal: text, a list, an object, or {@code null} as a null node. */
    public void put(String name, JsonNode value) {
        outputs.put(name, new Literal(value));
    }

    Optional<Output> get(String name) {
        return Optional.ofNullable(outputs.get(name));
    }

    /** An output in a form that can be compared. */
    sealed interface Output {}

    /** A literal. */
    record Literal(JsonNode value) implements Output {}

    /** Numbers with a shape; {@code whole} if they came as integers. */
    static final class Numbers implements Output {
        private final Shape shape;
        private final boolean whole;
        private final double[] values;

        Numbers(Shape shape, float[] values) {
            this(shape, false, new double[values.length]);
            for (int i = 0; i < values.length; i++) {
                this.values[i] = values[i];
            }
        }

        Numbers(Shape shape, long[] values) {
            this(shape, true, new double[values.length]);
            for (int i = 0; i < values.length; i++) {
                this.values[i] = values[i];
            }
        }

        private Numbers(Shape shape, boolean whole, double[] values) {
            if (shape.elements() != values.length) {
                throw new IllegalArgumentException("%d values for the shape %s".formatted(values.length, shape));
            }
            this.shape = shape;
            this.whole = whole;
            this.values = values;
        }

        Shape shape() {
            return shape;
        }

        boolean whole() {
            return whole;
        }

        double at(int index) {
            return values[index];
        }

        int count() {
            return values.length;
        }
    }
}
