package io.kinora.decoder.schedule;

/** The timesteps of the Euler methods: single precision, not always whole numbers, falling. */
final class EulerTimesteps {
    private EulerTimesteps() {}

    static double[] of(TimestepSpacing spacing, int trained, int steps, int offset) {
        return switch (spacing) {
            case LINSPACE -> singles(TimestepSpacing.reversed(TimestepSpacing.linspace(0, trained - 1.0, steps)));
            case LEADING -> TimestepSpacing.leading(trained / steps, steps, offset);
            case TRAILING -> TimestepSpacing.trailing(trained, trained, steps);
        };
    }

    static double[] singles(double[] values) {
        double[] singles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            singles[i] = (float) values[i];
        }
        return singles;
    }

    static double[] sigmas(NoiseSchedule schedule, double[] timesteps) {
        double[] sigmas = new double[timesteps.length];
        for (int i = 0; i < timesteps.length; i++) {
            sigmas[i] = schedule.sigmaAt(timesteps[i]);
        }
        return sigmas;
    }

    /** The sigmas in single precision with the final one behind them. */
    static float[] ending(double[] sigmas, double last) {
        float[] ending = new float[sigmas.length + 1];
        for (int i = 0; i < sigmas.length; i++) {
            ending[i] = (float) sigmas[i];
        }
        ending[sigmas.length] = (float) last;
        return ending;
    }
}
