package io.kinora.decoder.schedule;

/** Where on the training schedule the steps of a run lie; table 2 of Lin et al. 2023, arXiv:2305.08891. */
enum TimestepSpacing implements ConfigChoice {
    LEADING("leading"),
    LINSPACE("linspace"),
    TRAILING("trailing");

    private final String configName;

    TimestepSpacing(String configName) {
        this.configName = configName;
    }

    @Override
    public String configName() {
        return configName;
    }

    /** {@code count} values from {@code first} to {@code last} inclusive, rising; a single one is {@code first}. */
    static double[] linspace(double first, double last, int count) {
        double[] values = new double[count];
        double step = count > 1 ? (last - first) / (count - 1) : 0;
        for (int i = 0; i < count; i++) {
            values[i] = first + i * step;
        }
        if (count > 1) {
            values[count - 1] = last;
        }
        return values;
    }

    /** Whole multiples of {@code ratio} plus an offset, {@code count} of them, falling to the offset. */
    static double[] leading(int ratio, int count, int offset) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = (double) (count - 1 - i) * ratio + offset;
        }
        return values;
    }

    /** From {@code last} downwards in steps of {@code trainSteps / count}, each rounded, minus one, falling. */
    static double[] trailing(double last, int trainSteps, int count) {
        double ratio = (double) trainSteps / count;
        // Rounding makes numpy.arange go one too far, to 0, for some counts (61, 103 …); that timestep, -1, is left out
        // here.
        int length = Math.min((int) Math.ceil(last / ratio), count);
        // numpy.arange takes the step from its first two values, which decides on which side of a half some values
        // fall.
        double step = (last - ratio) - last;
        double[] values = new double[length];
        for (int i = 0; i < length; i++) {
            values[i] = Math.rint(last + i * step) - 1;
        }
        return values;
    }

    /** The same values, last first. */
    static double[] reversed(double[] values) {
        double[] reversed = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            reversed[i] = values[values.length - 1 - i];
        }
        return reversed;
    }

    /** Each value rounded to a whole number, halves to even. */
    static double[] rounded(double[] values) {
        double[] rounded = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            rounded[i] = Math.rint(values[i]);
        }
        return rounded;
    }
}
