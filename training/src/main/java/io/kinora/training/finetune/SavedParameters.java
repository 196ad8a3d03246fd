package io.kinora.training.finetune;

import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.training.model.Parameter;
import java.util.ArrayList;
import java.util.List;

/**
 * The tensors of a finished checkpoint as parameters that an optimiser moves: copies in single precision of what the model's
 * constructor asks for. Owns the copies, not the checkpoint. Confined to one thread.
 */
final class SavedParameters implements Weights, AutoCloseable {
    private final Weights saved;
    private final String prefix;
    private final List<Parameter> parameters;

    /** Those of a checkpoint that is open until all are taken. */
    SavedParameters(Checkpoint saved) {
        this(saved, "", new ArrayList<>());
    }

    private SavedParameters(Weights saved, String prefix, List<Parameter> parameters) {
        this.saved = saved;
        this.prefix = prefix;
        this.parameters = parameters;
    }

    /** All taken so far, by their full names, in the order of taking. */
    List<Parameter> all() {
        return List.copyOf(parameters);
    }

    @Override
    public Engine engine() {
        return saved.engine();
    }

    @Override
    public Weights at(String name) {
        return new SavedParameters(saved.at(name), prefix + name + ".", parameters);
    }

    @Override
    public boolean has(String name) {
        return saved.has(name);
    }

    @Override
    public Tensor take(String name, long... shape) {
        Tensor stored = saved.take(name, shape);
        try (Scope scope = engine().scope()) {
            Tensor master = scope.detach(engine().zeros(DType.F32, shape)).copyFrom(stored);
            parameters.add(new Parameter(prefix + name, master, master));
            return master;
        }
    }

    @Override
    public void ignore(String prefixOfNames) {
        saved.ignore(prefixOfNames);
    }

    @Override
    public void close() {
        parameters.forEach(parameter -> parameter.master().close());
        parameters.clear();
    }
}
