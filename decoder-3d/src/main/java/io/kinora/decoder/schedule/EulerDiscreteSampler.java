package io.kinora.decoder.schedule;

import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.OptionalDouble;

/**
 * Euler's method on the probability-flow equation over sigma: Karras et al. 2022, arXiv:2206.00364, algorithm 2 without churn.
 *
 * <p>Official class: {@code EulerDiscreteScheduler}. Deterministic.
 */
final class EulerDiscreteSampler implements Sampler {
    private final NoiseSchedule schedule;
    private final Settings settings;

    /** How sigmas are found between training steps. */
    enum Interpolation implements ConfigChoice {
        LINEAR("linear"),
        LOG_LINEAR("log_linear");

        private final String configName;

        Interpolation(String configName) {
            this.configName = configName;
        }

        @Override
        public String configName() {
            return configName;
        }
    }

    /** What a model is told as time. */
    enum TimestepType implements ConfigChoice {
        /** The training step. */
        DISCRETE("discrete"),
        /** A quarter of ln(sigma), for models of velocity; for others as {@link #DISCRETE}. */
        CONTINUOUS("continuous");

        private final String configName;

        TimestepType(String configName) {
            this.configName = configName;
        }

        @Override
        public String configName() {
            return configName;
        }
    }

    /**
     * The settings besides the noise schedule.
     *
     * @param sigmaMin where a curve ends, if not at the last timestep's sigma
     * @param sigmaMax where a curve starts, if not at the first timestep's sigma
     */
    record Settings(
            PredictionType predictionType,
            TimestepSpacing spacing,
            int stepsOffset,
            Interpolation interpolation,
            SigmaCurve curve,
            OptionalDouble sigmaMin,
            OptionalDouble sigmaMax,
            TimestepType timestepType,
            FinalSigma finalSigma) {}

    EulerDiscreteSampler(NoiseSchedule schedule, Settings settings) {
        this.schedule = schedule;
        this.settings = settings;
    }

    static EulerDiscreteSampler of(SamplerConfig config) {
        config.allowOnly("use_beta_sigmas", false);
        return new EulerDiscreteSampler(
                config.noiseScheduleWithFiniteSigma(),
                new Settings(
                        config.choice("prediction_type", PredictionType.EPSILON),
                        config.choice("timestep_spacing", TimestepSpacing.LINSPACE),
                        config.integer("steps_offset", 0),
                        config.choice("interpolation_type", Interpolation.LINEAR),
                        config.curveWithoutLu(),
                        config.optionalNumber("sigma_min"),
                        config.optionalNumber("sigma_max"),
                        config.choice("timestep_type", TimestepType.DISCRETE),
                        config.choice("final_sigmas_type", FinalSigma.ZERO)));
    }

    @Override
    public SamplerKind kind() {
        return SamplerKind.EULER;
    }

    @Override
    public NoiseSchedule noiseSchedule() {
        return schedule;
    }

    @Override
    public SamplerRun start(int steps, double eta, NoiseSource noise) {
        Steps.check(steps, schedule.steps());
        double[] timesteps = EulerTimesteps.of(settings.spacing(), schedule.steps(), steps, settings.stepsOffset());
        double[] sigmas = sigmas(timesteps, steps);
        if (settings.curve() != SigmaCurve.OF_TIMESTEPS) {
            double smallest = settings.sigmaMin().orElse(sigmas[sigmas.length - 1]);
            double largest = settings.sigmaMax().orElse(sigmas[0]);
            sigmas = settings.curve().sigmas(smallest, largest, steps);
            timesteps = new double[steps];
            for (int i = 0; i < steps; i++) {
                timesteps[i] = schedule.timeAt(sigmas[i]);
            }
        }
        float[] levels = EulerTimesteps.ending(sigmas, settings.finalSigma().of(schedule));
        if (settings.timestepType() == TimestepType.CONTINUOUS
                && settings.predictionType() == PredictionType.V_PREDICTION) {
            timesteps = new double[timesteps.length];
            for (int i = 0; i < timesteps.length; i++) {
                timesteps[i] = 0.25 * Math.log(levels[i]);
            }
        }
        return new Run(EulerTimesteps.singles(timesteps), levels);
    }

    private double[] sigmas(double[] timesteps, int steps) {
        if (settings.interpolation() == Interpolation.LINEAR) {
            return EulerTimesteps.sigmas(schedule, timesteps);
        }
        // One more than steps: the official class keeps the smallest sigma before the final one.
        return SigmaCurve.EXPONENTIAL.sigmas(schedule.sigma(0), schedule.sigma(schedule.steps() - 1), steps + 1);
    }

    private final class Run extends EulerRun {
        Run(double[] timesteps, float[] sigmas) {
            super(timesteps, sigmas, settings.predictionType(), settings.spacing());
        }

        @Override
        Tensor advance(Scope scope, Tensor modelOutput, int i, Tensor sample) {
            return towardsClean(modelOutput, i, sample, sigma(i + 1));
        }
    }
}
