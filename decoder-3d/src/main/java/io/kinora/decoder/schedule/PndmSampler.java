package io.kinora.decoder.schedule;

import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;

/**
 * Pseudo numerical methods for diffusion models: Liu et al. 2022, arXiv:2202.09778, equations 9, 12 and 13.
 *
 * <p>Official class: {@code PNDMScheduler}. Fourth-order linear multistep (PLMS) over the history of predictions; the history is filled
 * either by Runge-Kutta steps of four evaluations each (PRK, the paper's way) or, as the Stable Diffusion configurations ask, by
 * evaluating the second timestep twice and climbing through the lower orders.
 */
final class PndmSampler implements Sampler {
    private static final int ORDER = 4;

    private final NoiseSchedule schedule;
    private final Settings settings;

    /** The settings besides the noise schedule. */
    record Settings(
            PredictionType predictionType,
            TimestepSpacing spacing,
            int stepsOffset,
            boolean alphaToOne,
            boolean skipPrk) {}

    PndmSampler(NoiseSchedule schedule, Settings settings) {
        this.schedule = schedule;
        this.settings = settings;
    }

    static PndmSampler of(SamplerConfig config) {
        PredictionType predictionType = config.choice("prediction_type", PredictionType.EPSILON);
        if (predictionType == PredictionType.SAMPLE) {
            throw config.refuse("prediction_type", "sample", "epsilon or v_prediction");
        }
        return new PndmSampler(
                config.trainedSchedule(),
                new Settings(
                        predictionType,
                        config.choice("timestep_spacing", TimestepSpacing.LEADING),
                        config.integer("steps_offset", 0),
                        config.flag("set_alpha_to_one", false),
                        config.flag("skip_prk_steps", false)));
    }

    @Override
    public SamplerKind kind() {
        return SamplerKind.PNDM;
    }

    @Override
    public NoiseSchedule noiseSchedule() {
        return schedule;
    }

    @Override
    public SamplerRun start(int steps, double eta, NoiseSource noise) {
        Steps.check(steps, schedule.steps());
        if (!settings.skipPrk() && steps < ORDER) {
            throw new IllegalArgumentException(
                    "steps is %d, allowed is %d to %d with Runge-Kutta steps (skip_prk_steps false)"
                            .formatted(steps, ORDER, schedule.steps()));
        }
        double[] spaced = Steps.within(schedule, spaced(steps), steps);
        int stride = schedule.steps() / steps;
        return settings.skipPrk()
                ? new Run(withSecondTwice(spaced), 0, stride)
                : new Run(withRungeKutta(spaced, stride), 3 * ORDER, stride);
    }

    private double[] spaced(int steps) {
        int trained = schedule.steps();
        return switch (settings.spacing()) {
            case LEADING -> TimestepSpacing.leading(trained / steps, steps, settings.stepsOffset());
            case LINSPACE ->
                TimestepSpacing.reversed(TimestepSpacing.rounded(TimestepSpacing.linspace(0, trained - 1.0, steps)));
            case TRAILING -> TimestepSpacing.trailing(trained, trained, steps);
        };
    }

    private static double[] withSecondTwice(double[] spaced) {
        if (spaced.length == 1) {
            return spaced;
        }
        double[] timesteps = new double[spaced.length + 1];
        timesteps[0] = spaced[0];
        System.arraycopy(spaced, 1, timesteps, 1, 1);
        System.arraycopy(spaced, 1, timesteps, 2, spaced.length - 1);
        return timesteps;
    }

    /** The first three strides take four evaluations each: at their start, twice in their middle, and at their end. */
    private static double[] withRungeKutta(double[] spaced, int stride) {
        int half = stride / 2;
        double[] timesteps = new double[3 * ORDER + spaced.length - 3];
        for (int k = 0; k < 3; k++) {
            double middle = spaced[k + 1] + half;
            timesteps[ORDER * k] = spaced[k];
            timesteps[ORDER * k + 1] = middle;
            timesteps[ORDER * k + 2] = middle;
            timesteps[ORDER * k + 3] = spaced[k + 1];
        }
        System.arraycopy(spaced, 3, timesteps, 3 * ORDER, spaced.length - 3);
        return timesteps;
    }

    private final class Run extends AbstractRun {
        private final int rungeKutta;
        private final int stride;
        private final History predictions;
        private final History slope;
        private final History origin;
        private int done;

        Run(double[] timesteps, int rungeKutta, int stride) {
            super(timesteps);
            this.rungeKutta = rungeKutta;
            this.stride = stride;
            this.predictions = new History(this, ORDER);
            this.slope = new History(this, 1);
            this.origin = new History(this, 1);
        }

        @Override
        Tensor advance(Scope scope, Tensor modelOutput, int i, Tensor sample) {
            if (rungeKutta > 0 && i != done) {
                throw new IllegalStateException(
                        "evaluation %d cannot be the first: Runge-Kutta steps start at 0".formatted(i));
            }
            Tensor next = done < rungeKutta
                    ? rungeKutta(scope, modelOutput, i, sample)
                    : multistep(scope, modelOutput, i, sample);
            done++;
            return next;
        }

        private Tensor rungeKutta(Scope scope, Tensor modelOutput, int i, Tensor sample) {
            int stage = done % ORDER;
            int from = (int) timestep(i - stage);
            int to = (int) timestep(i) - (stage % 2 == 1 ? 0 : stride / 2);
            if (stage == 0) {
                predictions.push(scope, Sums.copy(modelOutput));
                slope.push(scope, modelOutput.mul(1 / 6.0));
                origin.push(scope, Sums.copy(sample));
                return transfer(origin.get(0), modelOutput, from, to);
            }
            if (stage < ORDER - 1) {
                slope.push(scope, Sums.weighted(slope.get(0), 1, modelOutput, 1 / 3.0));
                return transfer(origin.get(0), modelOutput, from, to);
            }
            Tensor mean = Sums.weighted(slope.get(0), 1, modelOutput, 1 / 6.0);
            return transfer(origin.get(0), mean, from, to);
        }

        private Tensor multistep(Scope scope, Tensor modelOutput, int i, Tensor sample) {
            int t = (int) timestep(i);
            if (done == 1) {
                // The second evaluation repeats the first stride with the mean of both predictions.
                Tensor mean = Sums.weighted(modelOutput, 0.5, predictions.get(0), 0.5);
                return transfer(origin.get(0), mean, t + stride, t);
            }
            predictions.push(scope, Sums.copy(modelOutput));
            if (done == 0) {
                origin.push(scope, Sums.copy(sample));
            }
            return transfer(sample, extrapolated(), t, t - stride);
        }

        /** Adams-Bashforth over the predictions at hand. */
        private Tensor extrapolated() {
            double[] weights =
                    switch (predictions.size()) {
                        case 1 -> new double[] {1};
                        case 2 -> new double[] {3 / 2.0, -1 / 2.0};
                        case 3 -> new double[] {23 / 12.0, -16 / 12.0, 5 / 12.0};
                        default -> new double[] {55 / 24.0, -59 / 24.0, 37 / 24.0, -9 / 24.0};
                    };
            Tensor sum = predictions.get(0).mul(weights[0]);
            for (int age = 1; age < weights.length; age++) {
                Sums.plus(sum, predictions.get(age), weights[age]);
            }
            return sum;
        }

        private double alphaBar(int t) {
            if (t >= 0) {
                return schedule.alphaBar(t);
            }
            return settings.alphaToOne() ? 1 : schedule.alphaBar(0);
        }

        /** Equation 9: the sample carried from noise level {@code from} to {@code to} along a prediction. */
        private Tensor transfer(Tensor sample, Tensor prediction, int from, int to) {
            double current = alphaBar(from);
            double after = alphaBar(to);
            double denominator = current * Math.sqrt(1 - after) + Math.sqrt(current * (1 - current) * after);
            Mix noise = settings.predictionType().noise(Math.sqrt(current), Math.sqrt(1 - current));
            Mix step = new Mix(Math.sqrt(after / current), 0).plus(noise.times((current - after) / denominator));
            return step.of(sample, prediction);
        }

        @Override
        public Tensor predictClean(Tensor modelOutput, int i, Tensor sample) {
            double alphaBar = alphaBar((int) timestep(i));
            return settings.predictionType()
                    .clean(Math.sqrt(alphaBar), Math.sqrt(1 - alphaBar))
                    .of(sample, modelOutput);
        }

        @Override
        public Tensor addNoise(Tensor clean, Tensor noise, int i) {
            double alphaBar = alphaBar((int) timestep(i));
            return Sums.weighted(clean, Math.sqrt(alphaBar), noise, Math.sqrt(1 - alphaBar));
        }
    }
}
