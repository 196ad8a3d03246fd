package io.kinora.training.optim;

import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Gradients;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.training.model.Parameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * AdamW with decoupled weight decay, Muon for the matrices that the settings name, clipping by the length of the whole gradient, and a moving
 * average of the parameters.
 *
 * <p>Its running means and averages are the tensors of {@link #state}: with them and the number of steps, training goes on as if it had never
 * stopped. Owns them. Confined to one thread.
 */
public final class Optimizer implements AutoCloseable {
    private static final double EPS = 1e-8;

    // An average over fewer steps than its decay implies would be that of the first, random numbers.
    private static final double YOUNG = 10;

    private final Engine engine;
    private final Gradients gradients;
    private final OptimizerSettings settings;
    private final List<Parameter> parameters;
    private final List<Tensor> values;
    private final List<Tensor> masters;
    private final List<Gradients.Moments> decaying = new ArrayList<>();
    private final List<Gradients.Moments> others = new ArrayList<>();
    private final List<Muon.Momentum> orthogonal = new ArrayList<>();
    private final Muon muon;
    private final List<Tensor> averages = new ArrayList<>();
    private final Map<String, Tensor> state = new LinkedHashMap<>();
    private long steps;

    /**
     * What a step came to.
     *
     * @param rate learning rate
     * @param gradient length of the gradient before it was clipped
     */
    public record Step(double rate, double gradient) {}

    /** For parameters that it asks the engine's gradients for. */
    public Optimizer(Engine engine, List<Parameter> parameters, OptimizerSettings settings) {
        this.engine = engine;
        this.gradients = engine.gradients().orElseThrow();
        this.settings = settings;
        this.parameters = List.copyOf(parameters);
        this.values = parameters.stream().map(Parameter::value).toList();
        this.masters = parameters.stream().map(Parameter::master).toList();
        this.muon = new Muon(engine);
        values.forEach(gradients::require);
        for (Parameter parameter : parameters) {
            Tensor mean = kept("mean." + parameter.name(), parameter);
            if (settings.orthogonalises(parameter)) {
                orthogonal.add(new Muon.Momentum(parameter, mean));
            } else {
                Tensor square = kept("square." + parameter.name(), parameter);
                (parameter.decays() ? decaying : others)
                        .add(new Gradients.Moments(parameter.value(), parameter.master(), mean, square));
            }
            averages.add(kept("average." + parameter.name(), parameter).copyFrom(parameter.master()));
        }
    }

    private Tensor kept(String name, Parameter parameter) {
        try (Scope scope = engine.scope()) {
            Tensor tensor = scope.detach(
                    engine.zeros(DType.F32, parameter.master().shape().toArray()));
            state.put(name, tensor);
            return tensor;
        }
    }

    /** Means and averages by name; writing to them is how a saved state comes back. */
    public Map<String, Tensor> state() {
        return Map.copyOf(state);
    }

    /** The moving average of each parameter, by the parameter's name. */
    public Map<String, Tensor> averages() {
        Map<String, Tensor> byName = new LinkedHashMap<>();
        for (int i = 0; i < averages.size(); i++) {
            byName.put(parameters.get(i).name(), averages.get(i));
        }
        return byName;
    }

    /** Steps taken. */
    public long steps() {
        return steps;
    }

    /** Goes on as after so many steps. */
    public void resumeAt(long taken) {
        steps = taken;
    }

    /** Moves the parameters along their gradients, and clears these. */
    public Step step() {
        steps++;
        double rate = settings.rate().at(steps);
        double length = gradients.norm(values);
        if (length > settings.clip()) {
            gradients.scale(values, settings.clip() / length);
        }
        gradients.step(decaying, how(rate, settings.decay()));
        gradients.step(others, how(rate, 0));
        muon.step(orthogonal, rate, settings.decay());
        parameters.forEach(Parameter::publish);
        double decay = Math.min(settings.averaging(), steps / (YOUNG + steps));
        gradients.average(averages, masters, 1 - decay);
        gradients.clear(values);
        return new Step(rate, length);
    }

    private Gradients.AdamW how(double rate, double decay) {
        return new Gradients.AdamW(steps, rate, settings.beta1(), settings.beta2(), EPS, decay);
    }

    @Override
    public void close() {
        state.values().forEach(Tensor::close);
        state.clear();
    }
}
