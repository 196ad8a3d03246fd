package io.kinora.decoder.schedule;

import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;

/**
 * Euler's method with part of the noise taken out beyond the next level and added back fresh, at every step.
 *
 * <p>Official class: {@code EulerAncestralDiscreteScheduler}. Always draws noise, one draw a step, also for the last step, where its
 * weight is 0.
 */
final class EulerAncestralDiscreteSampler implements Sampler {
    private final NoiseSchedule schedule;
    private final Settings settings;

    /** The settings besides the noise schedule. */
    record Settings(PredictionType predictionType, TimestepSpacing spacing, int stepsOffset) {}

    EulerAncestralDiscreteSampler(NoiseSchedule schedule, Settings settings) {
        this.schedule = schedule;
        this.settings = settings;
    }

    static EulerAncestralDiscreteSampler of(SamplerConfig config) {
        PredictionType predictionType = config.choice("prediction_type", PredictionType.EPSILON);
        if (predictionType == PredictionType.SAMPLE) {
            throw config.refuse("prediction_type", "sample", "epsilon or v_prediction");
        }
        return new EulerAncestralDiscreteSampler(
                config.noiseScheduleWithFiniteSigma(),
                new Settings(
                        predictionType,
                        config.choice("timestep_spacing", TimestepSpacing.LINSPACE),
                        config.integer("steps_offset", 0)));
    }

    @Override
    public SamplerKind kind() {
        return SamplerKind.EULER_ANCESTRAL;
    }

    @Override
    public NoiseSchedule noiseSchedule() {
        return schedule;
    }

    @Override
    public boolean stochastic() {
        return true;
    }

    @Override
    public SamplerRun start(int steps, double eta, NoiseSource noise) {
        Steps.check(steps, schedule.steps());
        double[] timesteps = EulerTimesteps.of(settings.spacing(), schedule.steps(), steps, settings.stepsOffset());
        return new Run(timesteps, EulerTimesteps.ending(EulerTimesteps.sigmas(schedule, timesteps), 0), noise);
    }

    private final class Run extends EulerRun {
        private final NoiseSource noise;

        Run(double[] timesteps, float[] sigmas, NoiseSource noise) {
            super(timesteps, sigmas, settings.predictionType(), settings.spacing());
            this.noise = noise;
        }

        @Override
        Tensor advance(Scope scope, Tensor modelOutput, int i, Tensor sample) {
            double from = sigma(i) * sigma(i);
            double to = sigma(i + 1) * sigma(i + 1);
            double added = to * (from - to) / from;
            Tensor next = towardsClean(modelOutput, i, sample, Math.sqrt(to - added));
            return Sums.plus(next, noise.normal(sample.shape()), Math.sqrt(added));
        }
    }
}
