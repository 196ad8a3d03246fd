package io.kinora.decoder.schedule;

/**
 * The coefficients of one step of a multistep DPM-Solver: {@code next = sample · x + Σ current·m0 + previous·m1 + oldest·m2 + noise·n},
 * where the m are the latest converted model outputs, newest first.
 *
 * <p>DPM-Solver: Lu et al. 2022, arXiv:2206.00927; DPM-Solver++: arXiv:2211.01095. In the papers' letters, with s0 the current and t the
 * next noise level: lambda = ln(alpha/sigma), h = lambda_t - lambda_s0, h0 and h1 the steps before it.
 */
record DpmSolverUpdate(double x, double m0, double m1, double m2, double noise) {
    /** The four equations that can be solved. */
    enum Algorithm implements ConfigChoice {
        DPM_SOLVER("dpmsolver", false, false),
        DPM_SOLVER_PLUS_PLUS("dpmsolver++", true, false),
        SDE_DPM_SOLVER("sde-dpmsolver", false, true),
        SDE_DPM_SOLVER_PLUS_PLUS("sde-dpmsolver++", true, true);

        private final String configName;
        private final boolean predictsClean;
        private final boolean stochastic;

        Algorithm(String configName, boolean predictsClean, boolean stochastic) {
            this.configName = configName;
            this.predictsClean = predictsClean;
            this.stochastic = stochastic;
        }

        @Override
        public String configName() {
            return configName;
        }

        /** True if the history holds clean samples, false if it holds noise. */
        boolean predictsClean() {
            return predictsClean;
        }

        boolean stochastic() {
            return stochastic;
        }
    }

    /** The two second-order rules. */
    enum Rule implements ConfigChoice {
        MIDPOINT("midpoint"),
        HEUN("heun");

        private final String configName;

        Rule(String configName) {
            this.configName = configName;
        }

        @Override
        public String configName() {
            return configName;
        }
    }

    /** A noise level: sample = alpha · clean + sigma · noise, with ratio = sigma / alpha. */
    record Level(double ratio) {
        double alpha() {
            return 1 / Math.sqrt(ratio * ratio + 1);
        }

        double sigma() {
            return ratio * alpha();
        }

        double lambda() {
            return -Math.log(ratio);
        }
    }

    /**
     * The factors of the zeroth, first and second derivative terms and of the fresh noise, before the derivatives are written as differences
     * of model outputs.
     */
    private record Terms(double x, double d0, double midpoint, double heun, double d2, double noise) {
        static Terms of(Algorithm algorithm, Level current, Level next) {
            double h = next.lambda() - current.lambda();
            double alpha = next.alpha();
            double sigma = next.sigma();
            double shrink = sigma / current.sigma();
            double growth = alpha / current.alpha();
            return switch (algorithm) {
                case DPM_SOLVER_PLUS_PLUS -> {
                    double e = Math.expm1(-h);
                    yield new Terms(
                            shrink,
                            -alpha * e,
                            -0.5 * alpha * e,
                            alpha * (e / h + 1),
                            -alpha * ((e + h) / (h * h) - 0.5),
                            0);
                }
                case DPM_SOLVER -> {
                    double e = Math.expm1(h);
                    yield new Terms(
                            growth,
                            -sigma * e,
                            -0.5 * sigma * e,
                            -sigma * (e / h - 1),
                            -sigma * ((e - h) / (h * h) - 0.5),
                            0);
                }
                case SDE_DPM_SOLVER_PLUS_PLUS -> {
                    double e = -Math.expm1(-2 * h);
                    yield new Terms(
                            shrink * Math.exp(-h),
                            alpha * e,
                            0.5 * alpha * e,
                            alpha * (e / (-2 * h) + 1),
                            alpha * ((e - 2 * h) / (4 * h * h) - 0.5),
                            sigma * Math.sqrt(e));
                }
                case SDE_DPM_SOLVER -> {
                    double e = Math.expm1(h);
                    yield new Terms(
                            growth,
                            -2 * sigma * e,
                            -sigma * e,
                            -2 * sigma * (e / h - 1),
                            Double.NaN,
                            sigma * Math.sqrt(Math.expm1(2 * h)));
                }
            };
        }
    }

    static DpmSolverUpdate firstOrder(Algorithm algorithm, Level current, Level next) {
        Terms terms = Terms.of(algorithm, current, next);
        return new DpmSolverUpdate(terms.x, terms.d0, 0, 0, terms.noise);
    }

    static DpmSolverUpdate secondOrder(Algorithm algorithm, Rule rule, Level previous, Level current, Level next) {
        Terms terms = Terms.of(algorithm, current, next);
        double h = next.lambda() - current.lambda();
        double r0 = (current.lambda() - previous.lambda()) / h;
        double slope = (rule == Rule.MIDPOINT ? terms.midpoint : terms.heun) / r0;
        return new DpmSolverUpdate(terms.x, terms.d0 + slope, -slope, 0, terms.noise);
    }

    /** There is none for {@link Algorithm#SDE_DPM_SOLVER}. */
    static DpmSolverUpdate thirdOrder(Algorithm algorithm, Level oldest, Level previous, Level current, Level next) {
        Terms terms = Terms.of(algorithm, current, next);
        double h = next.lambda() - current.lambda();
        double r0 = (current.lambda() - previous.lambda()) / h;
        double r1 = (previous.lambda() - oldest.lambda()) / h;
        // With d = (m0 - m1)/r0 and e = (m1 - m2)/r1: D1 = d + b (d - e), D2 = (d - e) / (r0 + r1).
        double b = r0 / (r0 + r1);
        double newer = (terms.heun * (1 + b) + terms.d2 / (r0 + r1)) / r0;
        double older = (terms.heun * b + terms.d2 / (r0 + r1)) / r1;
        return new DpmSolverUpdate(terms.x, terms.d0 + newer, -newer - older, older, terms.noise);
    }
}
