package io.kinora.decoder.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.TorchRandom;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every sampler and setting against the trajectory of the official class; see ORIGIN.md beside the fixture. */
final class SamplerTrajectoryTest {
    private static final long NOISE_SEED = 5;
    private static final double TOLERANCE_OF_PEAK = 1e-5;

    private static Engine engine;

    @BeforeAll
    static void openEngine() {
        engine = Engines.open(Engines.AUTO, Device.CPU);
    }

    @AfterAll
    static void closeEngine() {
        engine.close();
    }

    static Stream<Named<JsonNode>> trajectories() throws IOException {
        try (InputStream json = SamplerTrajectoryTest.class.getResourceAsStream("trajectories.json")) {
            JsonNode cases = JsonMapper.builder().build().readTree(json);
            return StreamSupport.stream(cases.spliterator(), false)
                    .map(one -> Named.of(one.get("name").textValue(), one));
        }
    }

    @ParameterizedTest
    @MethodSource("trajectories")
    void followsTheOfficialTrajectory(JsonNode expected) {
        Sampler sampler = Samplers.fromConfig(
                expected.get("config"),
                Optional.of(expected.get("class"))
                        .filter(node -> !node.isNull())
                        .map(node -> SamplerKind.parse(node.textValue())));
        TorchRandom random = new TorchRandom(NOISE_SEED);
        NoiseSource noise = shape -> random.normal(engine, shape.toArray());
        try (Scope scope = engine.scope();
                SamplerRun run = sampler.start(
                        expected.get("steps").intValue(), expected.get("eta").doubleValue(), noise)) {
            assertTimesteps(run, expected.get("timesteps"));
            assertThat(run.initNoiseSigma())
                    .isCloseTo(expected.get("init_noise_sigma").doubleValue(), within(1e-5 * run.initNoiseSigma()));

            int start = expected.get("start").intValue();
            Tensor clean = tensor(0.5f, -1f, 0.25f, 2f, -0.125f, 0.75f);
            Tensor sample = start > 0
                    ? run.addNoise(clean, tensor(0.3f, 0.9f, -1.4f, -0.2f, 1.1f, 0.6f), start)
                    : clean.mul(run.initNoiseSigma());
            assertClose("first sample", sample, expected.get("first"), 0);
            assertThat(expected.get("samples")).hasSize(run.evaluations() - start);
            double peakSoFar = 0;
            for (int i = start; i < run.evaluations(); i++) {
                Tensor input = run.scaleModelInput(sample, i);
                if (!expected.get("inputs").isEmpty()) {
                    assertClose("input " + i, input, expected.get("inputs").get(i - start), peakSoFar);
                }
                peakSoFar = Math.max(peakSoFar, peak(sample.toFloats()));
                sample = run.step(model(input, i), i, sample);
                assertClose("sample " + i, sample, expected.get("samples").get(i - start), peakSoFar);
            }
        }
    }

    /** The golden values of the decoder specification, found by an independent implementation. */
    @Test
    void endsWhereTheGoldenTrajectoriesEnd() throws IOException {
        assertGoldenEnd("ddim modelscope 5", 5, 1.236128, -2.9646976, 0.8193772, 5.9469123);
        assertGoldenEnd("dpm++ from modelscope's ddim file, 5", 5, 2.4919775, -5.9644899, 1.6200148, 11.9241867);
        assertGoldenEnd("dpm++ 16", 16, 2.5174735, -5.3325343, 1.5202758, 10.8825846);
        assertGoldenEnd("euler sdxl 5", 5, 1.2286094, -2.939115, 0.8106095, 5.8943415);
    }

    private void assertGoldenEnd(String name, int steps, double... end) throws IOException {
        JsonNode found = trajectories()
                .map(Named::getPayload)
                .filter(one -> one.get("name").textValue().equals(name))
                .findFirst()
                .orElseThrow();
        Optional<SamplerKind> kind = Optional.of(found.get("class"))
                .filter(node -> !node.isNull())
                .map(node -> SamplerKind.parse(node.textValue()));
        Sampler sampler = Samplers.fromConfig(found.get("config"), kind);
        try (Scope scope = engine.scope();
                SamplerRun run = sampler.start(steps)) {
            Tensor sample = engine.of(new float[] {0.5f, -1, 0.25f, 2}, 1, 4).mul(run.initNoiseSigma());
            for (int i = 0; i < run.evaluations(); i++) {
                sample = run.step(model(run.scaleModelInput(sample, i), i), i, sample);
            }
            float[] got = sample.toFloats();
            for (int k = 0; k < end.length; k++) {
                assertThat((double) got[k])
                        .as("%s, element %d", name, k)
                        .isCloseTo(end[k], within(2e-5 * Math.abs(end[3])));
            }
        }
    }

    private static Tensor tensor(float... values) {
        return engine.of(values, 2, 3, 1);
    }

    /** The made-up model of the fixture's script. */
    private static Tensor model(Tensor input, int i) {
        float[] wave = new float[(int) input.shape().elements()];
        for (int k = 0; k < wave.length; k++) {
            wave[k] = (float) (0.1 * Math.sin(k + 1 + i));
        }
        return input.mul(0.3).add(engine.of(wave, input.shape().toArray()));
    }

    private static void assertTimesteps(SamplerRun run, JsonNode expected) {
        assertThat(run.evaluations()).isEqualTo(expected.size());
        for (int i = 0; i < expected.size(); i++) {
            double want = expected.get(i).doubleValue();
            assertThat(run.timestep(i))
                    .as("timestep %d", i)
                    .isCloseTo(want, within(2e-5 * Math.max(1, Math.abs(want))));
        }
    }

    /** From a far larger sample the official code cancels in single precision: a few of its last digits are allowed for. */
    private static void assertClose(String what, Tensor actual, JsonNode expected, double peakSoFar) {
        float[] got = actual.toFloats();
        float[] want = new float[expected.size()];
        for (int k = 0; k < want.length; k++) {
            want[k] = expected.get(k).floatValue();
        }
        double tolerance = Math.max(TOLERANCE_OF_PEAK * Math.max(peak(want), 1), 4 * Math.ulp(1f) * peakSoFar);
        assertThat(got).as(what).containsExactly(want, within((float) tolerance));
    }

    private static double peak(float[] values) {
        double peak = 0;
        for (float value : values) {
            peak = Math.max(peak, Math.abs(value));
        }
        return peak;
    }
}
