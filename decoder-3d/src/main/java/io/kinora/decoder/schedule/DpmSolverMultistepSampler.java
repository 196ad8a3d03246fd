package io.kinora.decoder.schedule;

import io.kinora.decoder.schedule.DpmSolverUpdate.Algorithm;
import io.kinora.decoder.schedule.DpmSolverUpdate.Level;
import io.kinora.decoder.schedule.DpmSolverUpdate.Rule;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * DPM-Solver and DPM-Solver++, multistep, of order 1 to 3: see {@link DpmSolverUpdate}.
 *
 * <p>Official class: {@code DPMSolverMultistepScheduler}. The first steps use the orders that the history allows.
 */
final class DpmSolverMultistepSampler implements Sampler {
    /** Runs with fewer steps than this end with lower orders, if the settings say so. */
    private static final int FEW_STEPS = 15;

    private static final int MAX_ORDER = 3;

    private final NoiseSchedule schedule;
    private final Settings settings;

    /**
     * The settings besides the noise schedule.
     *
     * @param lambdaMin timesteps whose ln(alpha/sigma) is below this are left out
     * @param wholeTimesteps whether the timesteps of a curve are rounded (they are cut to whole numbers in any case)
     * @param sigmaMin where a curve ends, if not at the noise level of training step 0
     * @param sigmaMax where a curve starts, if not at the noise level of the last training step
     */
    record Settings(
            Algorithm algorithm,
            Rule rule,
            int order,
            PredictionType predictionType,
            Optional<Thresholding> thresholding,
            TimestepSpacing spacing,
            int stepsOffset,
            SigmaCurve curve,
            boolean wholeTimesteps,
            OptionalDouble sigmaMin,
            OptionalDouble sigmaMax,
            FinalSigma finalSigma,
            double lambdaMin,
            boolean lowerOrderFinal,
            boolean eulerAtFinal) {}

    DpmSolverMultistepSampler(NoiseSchedule schedule, Settings settings) {
        this.schedule = schedule;
        this.settings = settings;
    }

    static DpmSolverMultistepSampler of(SamplerConfig config) {
        config.allowOnly("use_flow_sigmas", false);
        config.allowOnly("use_beta_sigmas", false);
        config.allowOnly("use_dynamic_shifting", false);
        config.refuseLearnedVariance();
        Algorithm algorithm = config.choice("algorithm_type", Algorithm.DPM_SOLVER_PLUS_PLUS);
        FinalSigma finalSigma = config.choice("final_sigmas_type", FinalSigma.ZERO);
        if (!algorithm.predictsClean() && finalSigma == FinalSigma.ZERO) {
            throw config.refuse(
                    "final_sigmas_type", "zero", "sigma_min, because algorithm_type is " + algorithm.configName());
        }
        int order = config.integer("solver_order", 2);
        int maxOrder = algorithm == Algorithm.SDE_DPM_SOLVER ? MAX_ORDER - 1 : MAX_ORDER;
        if (order < 1 || order > maxOrder) {
            throw config.refuse(
                    "solver_order", order, "1 to %d for algorithm_type %s".formatted(maxOrder, algorithm.configName()));
        }
        SigmaCurve curve = config.curve();
        boolean cosine = config.choice("beta_schedule", BetaSchedule.LINEAR) == BetaSchedule.SQUAREDCOS_CAP_V2;
        return new DpmSolverMultistepSampler(
                config.noiseScheduleWithFiniteSigma(),
                new Settings(
                        algorithm,
                        config.choice("solver_type", Rule.MIDPOINT),
                        order,
                        config.choice("prediction_type", PredictionType.EPSILON),
                        config.thresholding(),
                        config.choice("timestep_spacing", TimestepSpacing.LINSPACE),
                        config.integer("steps_offset", 0),
                        curve,
                        curve != SigmaCurve.EXPONENTIAL && !cosine,
                        config.optionalNumber("sigma_min"),
                        config.optionalNumber("sigma_max"),
                        finalSigma,
                        config.number("lambda_min_clipped", Double.NEGATIVE_INFINITY),
                        config.flag("lower_order_final", true),
                        config.flag("euler_at_final", false)));
    }

    @Override
    public SamplerKind kind() {
        return SamplerKind.DPM_SOLVER;
    }

    @Override
    public NoiseSchedule noiseSchedule() {
        return schedule;
    }

    @Override
    public boolean stochastic() {
        return settings.algorithm().stochastic();
    }

    @Override
    public SamplerRun start(int steps, double eta, NoiseSource noise) {
        Steps.check(steps, schedule.steps());
        double[] timesteps;
        double[] ratios;
        if (settings.curve() == SigmaCurve.OF_TIMESTEPS) {
            timesteps = Steps.within(schedule, timesteps(steps), steps);
            ratios = new double[timesteps.length];
            for (int i = 0; i < ratios.length; i++) {
                ratios[i] = schedule.sigma((int) timesteps[i]);
            }
        } else {
            ratios = settings.curve()
                    .sigmas(
                            settings.sigmaMin().orElse(schedule.sigma(0)),
                            settings.sigmaMax().orElse(schedule.sigma(schedule.steps() - 1)),
                            steps);
            timesteps = new double[steps];
            for (int i = 0; i < steps; i++) {
                double t = schedule.timeAt(ratios[i]);
                timesteps[i] = settings.wholeTimesteps() ? Math.rint(t) : Math.floor(t);
            }
        }
        return new Run(timesteps, levels(ratios), noise);
    }

    private double[] timesteps(int steps) {
        int last = schedule.steps() - clipped();
        // One timestep more than steps, without the last one, 0: the final sigma stands for it.
        return switch (settings.spacing()) {
            case LINSPACE ->
                withoutLast(TimestepSpacing.reversed(
                        TimestepSpacing.rounded(TimestepSpacing.linspace(0, last - 1.0, steps + 1))));
            case LEADING -> withoutLast(TimestepSpacing.leading(last / (steps + 1), steps + 1, settings.stepsOffset()));
            case TRAILING -> TimestepSpacing.trailing(last, schedule.steps(), steps);
        };
    }

    private int clipped() {
        int clipped = 0;
        while (clipped < schedule.steps()
                && new Level(schedule.sigma(schedule.steps() - 1 - clipped)).lambda() < settings.lambdaMin()) {
            clipped++;
        }
        return clipped;
    }

    private static double[] withoutLast(double[] values) {
        return Arrays.copyOf(values, values.length - 1);
    }

    private Level[] levels(double[] ratios) {
        Level[] levels = new Level[ratios.length + 1];
        for (int i = 0; i < ratios.length; i++) {
            levels[i] = new Level((float) ratios[i]);
        }
        levels[ratios.length] = new Level((float) settings.finalSigma().of(schedule));
        return levels;
    }

    private final class Run extends AbstractRun {
        private final Level[] levels;
        private final NoiseSource noise;
        private final History history;

        Run(double[] timesteps, Level[] levels, NoiseSource noise) {
            super(timesteps);
            this.levels = levels;
            this.noise = noise;
            this.history = new History(this, settings.order());
        }

        @Override
        Tensor advance(Scope scope, Tensor modelOutput, int i, Tensor sample) {
            history.push(scope, convert(modelOutput, i, sample));
            DpmSolverUpdate update = update(i);
            Tensor next = Sums.weighted(sample, update.x(), history.get(0), update.m0());
            if (update.m1() != 0) {
                Sums.plus(next, history.get(1), update.m1());
            }
            if (update.m2() != 0) {
                Sums.plus(next, history.get(2), update.m2());
            }
            return stochastic() ? Sums.plus(next, noise.normal(sample.shape()), update.noise()) : next;
        }

        private DpmSolverUpdate update(int i) {
            int left = evaluations() - i;
            boolean few = settings.lowerOrderFinal() && evaluations() < FEW_STEPS;
            int order = Math.min(settings.order(), history.size());
            if (left == 1 && (few || settings.eulerAtFinal() || settings.finalSigma() == FinalSigma.ZERO)) {
                order = 1;
            } else if (left == 2 && few) {
                order = Math.min(order, 2);
            }
            Algorithm algorithm = settings.algorithm();
            return switch (order) {
                case 1 -> DpmSolverUpdate.firstOrder(algorithm, levels[i], levels[i + 1]);
                case 2 ->
                    DpmSolverUpdate.secondOrder(algorithm, settings.rule(), levels[i - 1], levels[i], levels[i + 1]);
                default ->
                    DpmSolverUpdate.thirdOrder(algorithm, levels[i - 2], levels[i - 1], levels[i], levels[i + 1]);
            };
        }

        /** What the algorithm integrates: the clean sample or the noise. */
        private Tensor convert(Tensor modelOutput, int i, Tensor sample) {
            if (settings.algorithm().predictsClean()) {
                return predictClean(modelOutput, i, sample);
            }
            double alpha = levels[i].alpha();
            double sigma = levels[i].sigma();
            if (settings.thresholding().isEmpty()) {
                return settings.predictionType().noise(alpha, sigma).of(sample, modelOutput);
            }
            return PredictionType.SAMPLE.noise(alpha, sigma).of(sample, predictClean(modelOutput, i, sample));
        }

        @Override
        public Tensor predictClean(Tensor modelOutput, int i, Tensor sample) {
            Tensor clean = settings.predictionType()
                    .clean(levels[i].alpha(), levels[i].sigma())
                    .of(sample, modelOutput);
            return settings.thresholding().isPresent()
                    ? settings.thresholding().get().apply(clean)
                    : clean;
        }

        @Override
        public Tensor addNoise(Tensor clean, Tensor noiseTensor, int i) {
            return Sums.weighted(clean, levels[i].alpha(), noiseTensor, levels[i].sigma());
        }
    }
}
