package io.kinora.tensor.parity;

import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.OutputReport.Verdict;
import io.kinora.tensor.parity.ParityOutputs.Numbers;
import io.kinora.tensor.parity.ParityOutputs.Output;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;

/**
 * Runs parity cases on an engine, with the components on the class path. Use it from the thread that may open scopes on the
 * engine.
 */
public final class ParityRunner {
    private final Engine engine;
    private final Map<String, ParityComponent> components = new TreeMap<>();

    /**
     * With the components that {@link ServiceLoader} finds.
     *
     * @throws IllegalStateException if two have the same name
     */
    public ParityRunner(Engine engine) {
        this(
                engine,
                ServiceLoader.load(ParityComponent.class).stream()
                        .map(ServiceLoader.Provider::get)
                        .toList());
    }

    /** With these components. Errors as {@link #ParityRunner(Engine)}. */
    public ParityRunner(Engine engine, List<ParityComponent> components) {
        this.engine = engine;
        for (ParityComponent component : components) {
            if (this.components.put(component.name(), component) != null) {
                throw new IllegalStateException("two components are named " + component.name());
            }
        }
    }

    /** Names of the components, sorted. */
    public List<String> components() {
        return List.copyOf(components.keySet());
    }

    /** Runs the case in a folder. Every failure becomes part of the report. */
    public ParityReport run(Path folder) {
        try (ParityCase parityCase = ParityCase.open(folder)) {
            return run(parityCase);
        } catch (ParityException e) {
            return new ParityReport(folder, "", List.of(), Optional.of(String.valueOf(e.getMessage())));
        }
    }

    private ParityReport run(ParityCase parityCase) {
        Path folder = parityCase.folder();
        String name = parityCase.component();
        ParityComponent component = components.get(name);
        if (component == null) {
            String known =
                    "there is no component '%s'; there is %s".formatted(name, String.join(", ", components.keySet()));
            return new ParityReport(folder, name, List.of(), Optional.of(known));
        }
        try (Scope scope = engine.scope()) {
            ParityOutputs outputs = new ParityOutputs();
            component.run(parityCase, engine, outputs);
            return new ParityReport(folder, name, compare(parityCase, outputs), Optional.empty());
        } catch (RuntimeException e) {
            // A report of many cases goes on after one that fails, and says why it failed.
            return new ParityReport(folder, name, List.of(), Optional.of(e.toString()));
        }
    }

    private List<OutputReport> compare(ParityCase parityCase, ParityOutputs outputs) {
        List<OutputReport> reports = new ArrayList<>();
        for (ExpectedOutput expected : parityCase.outputs()) {
            Optional<Output> got = outputs.get(expected.name());
            if (got.isEmpty()) {
                reports.add(new OutputReport(
                        expected.name(), Verdict.LEFT_OUT, Double.NaN, Double.NaN, 0, 0, List.of(), ""));
            } else if (expected instanceof ExpectedOutput.OfTensor tensor) {
                reports.add(Comparison.tensor(tensor, stored(parityCase, tensor.tensor()), got.get()));
            } else if (expected instanceof ExpectedOutput.OfValue value) {
                reports.add(Comparison.literal(value.name(), value.value(), got.get()));
            }
        }
        return reports;
    }

    private Numbers stored(ParityCase parityCase, String name) {
        Tensor tensor = parityCase.stored(name, engine);
        return tensor.dtype().isFloat()
                ? new Numbers(tensor.shape(), tensor.toFloats())
                : new Numbers(tensor.shape(), tensor.toLongs());
    }
}
