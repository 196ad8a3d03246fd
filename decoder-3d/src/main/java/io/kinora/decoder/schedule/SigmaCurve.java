package io.kinora.decoder.schedule;

/** How the sigmas of a run fall from the largest to the smallest, where they are not simply those of its timesteps. */
enum SigmaCurve {
    /** The sigmas of the timesteps. */
    OF_TIMESTEPS {
        @Override
        double[] sigmas(double smallest, double largest, int count) {
            throw new IllegalStateException("the sigmas come from the timesteps");
        }
    },
    /** Evenly in the seventh root: Karras et al. 2022, arXiv:2206.00364, equation 5. */
    KARRAS {
        @Override
        double[] sigmas(double smallest, double largest, int count) {
            double from = Math.pow(largest, 1 / RHO);
            double to = Math.pow(smallest, 1 / RHO);
            double[] sigmas = TimestepSpacing.linspace(0, 1, count);
            for (int i = 0; i < count; i++) {
                sigmas[i] = Math.pow(from + sigmas[i] * (to - from), RHO);
            }
            return sigmas;
        }
    },
    /** Evenly in the logarithm. */
    EXPONENTIAL {
        @Override
        double[] sigmas(double smallest, double largest, int count) {
            return evenlyInLog(smallest, largest, count);
        }
    },
    /** Evenly in the log signal-to-noise ratio, as DPM-Solver's authors have it: the same curve with its own name in configurations. */
    LU {
        @Override
        double[] sigmas(double smallest, double largest, int count) {
            return evenlyInLog(smallest, largest, count);
        }
    };

    private static final double RHO = 7;

    /** {@code count} sigmas, falling from {@code largest} to {@code smallest}. */
    abstract double[] sigmas(double smallest, double largest, int count);

    private static double[] evenlyInLog(double smallest, double largest, int count) {
        double[] sigmas = TimestepSpacing.linspace(Math.log(largest), Math.log(smallest), count);
        for (int i = 0; i < count; i++) {
            sigmas[i] = Math.exp(sigmas[i]);
        }
        return sigmas;
    }
}
