package io.kinora.training.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Gradients;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.training.model.Parameter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Against {@code torch.optim.Muon}. */
class MuonTest {
    // Both orthogonalise in bf16, which keeps 8 bits; so that small differences add up; the matrices move by some 0.02.
    private static final float NEAR = 1.5e-3f;

    private static Engine engine;
    private static JsonNode document;

    private final List<Parameter> matrices = new ArrayList<>();
    private final List<List<Tensor>> gradients = new ArrayList<>();

    @BeforeAll
    static void read() throws IOException {
        engine = Engines.open("libtorch", Device.CPU);
        try (InputStream file = MuonTest.class.getResourceAsStream("muon.json")) {
            document = new ObjectMapper().readTree(file);
        }
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    @Test
    void movesMatricesOfEveryShapeAsTheReferenceDoes() {
        try (Scope scope = engine.scope()) {
            matrices("value");
            Optimizer optimizer = new Optimizer(engine, matrices, settings(List.of("value")));
            for (int step = 0; step < 4; step++) {
                differentiate(step);
                optimizer.step();
                for (int i = 0; i < matrices.size(); i++) {
                    assertThat(matrices.get(i).master().toFloats())
                            .as("%s after step %d", document.at("/cases/%d/name".formatted(i)), step + 1)
                            .containsExactly(floats(document.at("/cases/%d/ends/%d".formatted(i, step))), within(NEAR));
                }
            }
            assertThat(optimizer.state().keySet()).noneMatch(name -> name.startsWith("square."));
            optimizer.close();
        }
    }

    @Test
    void leavesOtherParametersToAdamW() {
        try (Scope scope = engine.scope()) {
            matrices("other");
            Optimizer optimizer = new Optimizer(engine, matrices, settings(List.of("value")));
            differentiate(0);
            optimizer.step();

            float[] start = floats(document.at("/cases/0/start"));
            float[] gradient = floats(document.at("/cases/0/gradients/0"));
            float[] moved = matrices.get(0).master().toFloats();
            for (int i = 0; i < start.length; i++) {
                // AdamW's first step goes by the rate against the sign of the gradient.
                assertThat(moved[i])
                        .isCloseTo(start[i] * (1 - 0.002f) - 0.02f * Math.signum(gradient[i]), within(1e-4f));
            }
            optimizer.close();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void keepsNoGradientOfThePast() throws IOException {
        long[] shape = {8, 1 << 17}; // 4 MiB
        try (Tensor value = engine.full(1, DType.F32, shape);
                Tensor slope = engine.full(0.5, DType.F32, shape);
                Optimizer optimizer = new Optimizer(
                        engine, List.of(new Parameter("value", value, value)), settings(List.of("value")))) {
            Gradients derivatives = engine.gradients().orElseThrow();
            long before = 0;
            for (int step = 0; step < 60; step++) {
                try (Scope scope = engine.scope();
                        Gradients.Recording recording = derivatives.record()) {
                    derivatives.backward(value.mul(slope).sum(1).sum(0));
                }
                optimizer.step();
                if (step == 10) {
                    before = resident();
                }
            }
            assertThat(resident() - before)
                    .as("bytes that fifty steps left behind")
                    .isLessThan(100L << 20);
        }
    }

    private static long resident() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("RssAnon:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                .findFirst()
                .orElseThrow();
    }

    private void matrices(String prefix) {
        for (JsonNode matrix : document.path("cases")) {
            long[] shape = {
                matrix.at("/shape/0").asLong(), matrix.at("/shape/1").asLong()
            };
            Tensor value = engine.of(floats(matrix.path("start")), shape);
            matrices.add(new Parameter(prefix + "." + matrix.path("name").asText(), value, value));
            List<Tensor> ofSteps = new ArrayList<>();
            matrix.path("gradients").forEach(gradient -> ofSteps.add(engine.of(floats(gradient), shape)));
            gradients.add(ofSteps);
        }
    }

    /** The sum of products with a tensor has that tensor as its gradient. */
    private void differentiate(int step) {
        Gradients derivatives = engine.gradients().orElseThrow();
        for (int i = 0; i < matrices.size(); i++) {
            try (Gradients.Recording recording = derivatives.record()) {
                derivatives.backward(matrices.get(i)
                        .value()
                        .mul(gradients.get(i).get(step))
                        .sum(1)
                        .sum(0)
                        .to(DType.F32));
            }
        }
    }

    private static OptimizerSettings settings(List<String> orthogonal) {
        double rate = document.path("rate").asDouble();
        LearningRate constant = new LearningRate(rate, 0, 1_000_000, 1);
        return new OptimizerSettings(constant, 0.9, 0.99, document.path("decay").asDouble(), 1e6, 0, orthogonal);
    }

    private static float[] floats(JsonNode numbers) {
        float[] values = new float[numbers.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) numbers.get(i).asDouble();
        }
        return values;
    }
}
