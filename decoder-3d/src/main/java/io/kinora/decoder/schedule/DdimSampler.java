package io.kinora.decoder.schedule;

import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Denoising diffusion implicit models: Song, Meng and Ermon 2020, arXiv:2010.02502, equations 12 and 16.
 *
 * <p>Official class: {@code DDIMScheduler}. With {@code eta} 0 a step is deterministic.
 */
final class DdimSampler implements Sampler {
    private final NoiseSchedule schedule;
    private final Settings settings;

    /**
     * The settings besides the noise schedule.
     *
     * @param alphaToOne whether the step after the last timestep is the clean sample, or the noise level of training step 0
     * @param clip bound of the predicted clean sample, if it is clipped
     * @param thresholding takes the place of {@code clip} where present
     */
    record Settings(
            PredictionType predictionType,
            TimestepSpacing spacing,
            int stepsOffset,
            boolean alphaToOne,
            OptionalDouble clip,
            Optional<Thresholding> thresholding) {}

    DdimSampler(NoiseSchedule schedule, Settings settings) {
        this.schedule = schedule;
        this.settings = settings;
    }

    static DdimSampler of(SamplerConfig config) {
        return new DdimSampler(
                config.noiseSchedule(),
                new Settings(
                        config.choice("prediction_type", PredictionType.EPSILON),
                        config.choice("timestep_spacing", TimestepSpacing.LEADING),
                        config.integer("steps_offset", 0),
                        config.flag("set_alpha_to_one", true),
                        config.flag("clip_sample", true)
                                ? OptionalDouble.of(config.number("clip_sample_range", 1))
                                : OptionalDouble.empty(),
                        config.thresholding()));
    }

    @Override
    public SamplerKind kind() {
        return SamplerKind.DDIM;
    }

    @Override
    public NoiseSchedule noiseSchedule() {
        return schedule;
    }

    @Override
    public SamplerRun start(int steps, double eta, NoiseSource noise) {
        Steps.check(steps, schedule.steps());
        if (!(eta >= 0 && eta <= 1)) {
            throw new IllegalArgumentException("eta is %s, allowed is 0 to 1".formatted(eta));
        }
        double[] timesteps = Steps.within(schedule, timesteps(steps), steps);
        return new Run(timesteps, schedule.steps() / steps, eta, noise);
    }

    private double[] timesteps(int steps) {
        int trained = schedule.steps();
        return switch (settings.spacing()) {
            case LEADING -> TimestepSpacing.leading(trained / steps, steps, settings.stepsOffset());
            case LINSPACE ->
                TimestepSpacing.reversed(TimestepSpacing.rounded(TimestepSpacing.linspace(0, trained - 1.0, steps)));
            case TRAILING -> TimestepSpacing.trailing(trained, trained, steps);
        };
    }

    private final class Run extends AbstractRun {
        private final int stride;
        private final double eta;
        private final NoiseSource noise;

        Run(double[] timesteps, int stride, double eta, NoiseSource noise) {
            super(timesteps);
            this.stride = stride;
            this.eta = eta;
            this.noise = noise;
        }

        private double alphaBar(int i) {
            return schedule.alphaBar((int) timestep(i));
        }

        private double alphaBarAfter(int i) {
            int previous = (int) timestep(i) - stride;
            if (previous >= 0) {
                return schedule.alphaBar(previous);
            }
            return settings.alphaToOne() ? 1 : schedule.alphaBar(0);
        }

        @Override
        Tensor advance(Scope scope, Tensor modelOutput, int i, Tensor sample) {
            double alphaBar = alphaBar(i);
            double after = alphaBarAfter(i);
            double alpha = Math.sqrt(alphaBar);
            double sigma = Math.sqrt(1 - alphaBar);
            double variance = (1 - after) / (1 - alphaBar) * (1 - alphaBar / after);
            double fresh = eta * Math.sqrt(variance);
            double direction = Math.sqrt(Math.max(1 - after - fresh * fresh, 0));
            double cleanShare = Math.sqrt(after);

            Mix clean = settings.predictionType().clean(alpha, sigma);
            Mix noiseMix = settings.predictionType().noise(alpha, sigma).times(direction);
            Tensor stepped;
            if (settings.thresholding().isPresent() || settings.clip().isPresent()) {
                stepped = noiseMix.of(sample, modelOutput)
                        .addInPlace(bounded(clean.of(sample, modelOutput)).mul(cleanShare));
            } else {
                stepped = clean.times(cleanShare).plus(noiseMix).of(sample, modelOutput);
            }
            return eta > 0 ? stepped.addInPlace(noise.normal(sample.shape()).mul(fresh)) : stepped;
        }

        private Tensor bounded(Tensor clean) {
            if (settings.thresholding().isPresent()) {
                return settings.thresholding().get().apply(clean);
            }
            if (settings.clip().isPresent()) {
                double bound = settings.clip().getAsDouble();
                return clean.clamp(-bound, bound);
            }
            return clean;
        }

        @Override
        public Tensor predictClean(Tensor modelOutput, int i, Tensor sample) {
            double alphaBar = alphaBar(i);
            Mix clean = settings.predictionType().clean(Math.sqrt(alphaBar), Math.sqrt(1 - alphaBar));
            return bounded(clean.of(sample, modelOutput));
        }

        @Override
        public Tensor addNoise(Tensor clean, Tensor noiseTensor, int i) {
            double alphaBar = alphaBar(i);
            return Sums.weighted(clean, Math.sqrt(alphaBar), noiseTensor, Math.sqrt(1 - alphaBar));
        }
    }
}
