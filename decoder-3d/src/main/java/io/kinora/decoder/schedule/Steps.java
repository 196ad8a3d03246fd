package io.kinora.decoder.schedule;

/** Checks on how many steps a run may have. */
final class Steps {
    private Steps() {}

    static void check(int steps, int trained) {
        if (steps < 1 || steps > trained) {
            throw new IllegalArgumentException("steps is %d, allowed is 1 to %d".formatted(steps, trained));
        }
    }

    /** The timesteps, if all of them lie on the schedule: an offset may push the first one past its end. */
    static double[] within(NoiseSchedule schedule, double[] timesteps, int steps) {
        for (double t : timesteps) {
            if (t < 0 || t > schedule.steps() - 1) {
                throw new IllegalArgumentException(
                        "steps is %d, which puts a timestep at %d; the schedule has 0 to %d: ask for fewer"
                                .formatted(steps, (long) t, schedule.steps() - 1));
            }
        }
        return timesteps;
    }
}
