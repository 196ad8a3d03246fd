package io.kinora.decoder.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.TorchRandom;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** What holds for every sampler, number of steps and seed. */
final class SamplerPropertiesTest {
    private static Engine engine;

    @BeforeContainer
    static void openEngine() {
        engine = Engines.open(Engines.AUTO, Device.CPU);
    }

    @AfterContainer
    static void closeEngine() {
        engine.close();
    }

    @Property(tries = 200)
    void timestepsFallStrictlyAndLieOnTheSchedule(
            @ForAll SamplerKind kind,
            @ForAll TimestepSpacing spacing,
            @ForAll @IntRange(min = 1, max = 400) int steps) {
        try (SamplerRun run = sampler(kind, spacing, PredictionType.EPSILON).start(steps, 0, NoiseSource.none())) {
            int repeated = 0;
            for (int i = 0; i < run.evaluations(); i++) {
                assertThat(run.timestep(i)).isBetween(0.0, 999.0);
                if (i > 0 && run.timestep(i) == run.timestep(i - 1)) {
                    repeated++;
                } else if (i > 0) {
                    assertThat(run.timestep(i)).isLessThan(run.timestep(i - 1));
                }
            }
            // PNDM evaluates its second timestep twice, and nothing else does.
            assertThat(repeated).isEqualTo(kind == SamplerKind.PNDM && steps > 1 ? 1 : 0);
            assertThat(run.evaluations()).isBetween(steps, steps + 1);
        }
    }

    @Property(tries = 60)
    void aModelThatKnowsTheNoiseIsFollowedBackToTheCleanSample(
            @ForAll SamplerKind kind,
            @ForAll PredictionType prediction,
            @ForAll @IntRange(min = 2, max = 40) int steps,
            @ForAll @LongRange(min = 0, max = 1000) long seed) {
        PredictionType allowed = prediction == PredictionType.SAMPLE ? PredictionType.EPSILON : prediction;
        TorchRandom random = new TorchRandom(seed);
        try (Scope scope = engine.scope();
                SamplerRun run = sampler(kind, TimestepSpacing.LEADING, allowed)
                        .start(steps, 0, shape -> random.normal(engine, shape.toArray()))) {
            Tensor clean = random.normal(engine, 2, 20);
            Tensor noise = random.normal(engine, 2, 20);
            int start = run.evaluations() / 2;
            Tensor noisy = run.addNoise(clean, noise, start);

            // predictClean inverts addNoise for the output that a perfect model would give.
            Tensor output = perfectOutput(run, allowed, clean, noise, start);
            assertThat(run.predictClean(output, start, noisy).toFloats())
                    .containsExactly(clean.toFloats(), within(2e-3f));
        }
    }

    @Property(tries = 30)
    void aConstantNoisePredictionKeepsDeterministicSamplersOnTheStraightLine(
            @ForAll @IntRange(min = 15, max = 60) int steps, @ForAll @LongRange(min = 0, max = 1000) long seed) {
        for (SamplerKind kind : new SamplerKind[] {SamplerKind.DDIM, SamplerKind.DPM_SOLVER, SamplerKind.EULER}) {
            TorchRandom random = new TorchRandom(seed);
            try (Scope scope = engine.scope();
                    SamplerRun run = sampler(kind, TimestepSpacing.LEADING, PredictionType.EPSILON)
                            .start(steps)) {
                Tensor clean = random.normal(engine, 2, 20);
                Tensor noise = random.normal(engine, 2, 20);
                Tensor sample = run.addNoise(clean, noise, 0);
                for (int i = 0; i < run.evaluations() - 1; i++) {
                    sample = run.step(noise, i, sample);
                    assertThat(sample.toFloats())
                            .as("%s after evaluation %d", kind, i)
                            .containsExactly(run.addNoise(clean, noise, i + 1).toFloats(), within(2e-3f));
                }
            }
        }
    }

    @Property(tries = 20)
    void evaluationsOutOfOrderAreRefused(@ForAll SamplerKind kind, @ForAll @IntRange(min = 3, max = 20) int steps) {
        try (Scope scope = engine.scope();
                SamplerRun run = sampler(kind, TimestepSpacing.LEADING, PredictionType.EPSILON)
                        .start(steps, 0, shape -> engine.full(0, DType.F32, shape.toArray()))) {
            Tensor sample = engine.of(new float[] {1, 2, 3}, 1, 3);
            Tensor next = run.step(sample, 0, sample);
            assertThatThrownBy(() -> run.step(next, 0, next))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("expected 1");
            assertThatThrownBy(() -> run.step(next, 2, next)).isInstanceOf(IllegalStateException.class);
        }
    }

    private static Tensor perfectOutput(SamplerRun run, PredictionType prediction, Tensor clean, Tensor noise, int i) {
        if (prediction == PredictionType.EPSILON) {
            return noise;
        }
        // Velocity: alpha · noise - sigma · clean, with alpha and sigma read off addNoise itself.
        Tensor one = engine.of(new float[] {1}, 1, 1);
        Tensor zero = engine.of(new float[] {0}, 1, 1);
        double alpha = run.addNoise(one, zero, i).toFloats()[0];
        double sigma = run.addNoise(zero, one, i).toFloats()[0];
        double length = Math.hypot(alpha, sigma);
        return noise.mul(alpha / length).sub(clean.mul(sigma / length));
    }

    private static Sampler sampler(SamplerKind kind, TimestepSpacing spacing, PredictionType prediction) {
        ObjectNode config = JsonNodeFactory.instance
                .objectNode()
                .put("beta_start", 0.00085)
                .put("beta_end", 0.012)
                .put("beta_schedule", "scaled_linear")
                .put("clip_sample", false)
                .put("skip_prk_steps", true)
                .put("timestep_spacing", spacing.configName())
                .put("prediction_type", prediction.configName());
        return Samplers.fromConfig(config, Optional.of(kind));
    }
}
