package io.kinora.training.model;

import io.kinora.model.checkpoint.Initialisation;
import io.kinora.model.checkpoint.RandomWeights;
import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The tensors of a model in the making: what the model's constructor asks for comes into being with the values that training starts from, as
 * a {@link Parameter} that an optimiser moves.
 *
 * <p>Owns its tensors. Confined to one thread.
 */
public final class Parameters implements Weights, AutoCloseable {
    private final RandomWeights masters;
    private final DType computeType;
    private final Map<String, Parameter> byName = new LinkedHashMap<>();

    /**
     * Parameters that start from a seed.
     *
     * @param computeType what the model computes in; the optimiser moves single-precision numbers whatever it is
     */
    public Parameters(Engine engine, long seed, DType computeType) {
        this.masters = new RandomWeights(engine, DType.F32, seed, Initialisation.TRAINING, Parameters::isJoined);
        this.computeType = computeType;
    }

    // The encoder's attention takes one bias of its own or, joined to a copy, two of this form; a copy would not learn.
    private static boolean isJoined(String name) {
        return name.endsWith(".q_bias") || name.endsWith(".v_bias");
    }

    /** All taken so far, by full name, in the order of taking. A live, unmodifiable view. */
    public Map<String, Parameter> byName() {
        return Collections.unmodifiableMap(byName);
    }

    /** How many numbers they are together. */
    public long count() {
        return byName.values().stream()
                .mapToLong(parameter -> parameter.master().shape().elements())
                .sum();
    }

    @Override
    public Engine engine() {
        return masters.engine();
    }

    @Override
    public Weights at(String name) {
        return new View(name);
    }

    @Override
    public boolean has(String name) {
        return masters.has(name);
    }

    @Override
    public Tensor take(String name, long... shape) {
        Tensor master = masters.take(name, shape);
        try (Scope scope = engine().scope()) {
            Tensor value = computeType == master.dtype() ? master : scope.detach(master.to(computeType));
            byName.put(name, new Parameter(name, master, value));
            return value;
        }
    }

    @Override
    public void ignore(String prefix) {
        masters.ignore(prefix);
    }

    @Override
    public void close() {
        byName.values().stream()
                .filter(parameter -> parameter.value() != parameter.master())
                .forEach(parameter -> parameter.value().close());
        byName.clear();
        masters.close();
    }

    /** The parameters under a prefix. */
    private final class View implements Weights {
        private final String prefix;

        View(String prefix) {
            this.prefix = prefix;
        }

        @Override
        public Engine engine() {
            return Parameters.this.engine();
        }

        @Override
        public Weights at(String name) {
            return new View(prefix + "." + name);
        }

        @Override
        public boolean has(String name) {
            return Parameters.this.has(prefix + "." + name);
        }

        @Override
        public Tensor take(String name, long... shape) {
            return Parameters.this.take(prefix + "." + name, shape);
        }

        @Override
        public void ignore(String prefixOfNames) {
            Parameters.this.ignore(prefix + "." + prefixOfNames);
        }
    }
}
