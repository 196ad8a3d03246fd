package io.kinora.decoder.schedule;

/** The noise level after the last step. */
enum FinalSigma implements ConfigChoice {
    /** None: the last step gives the predicted clean sample. */
    ZERO("zero"),
    /** That of training step 0. */
    SIGMA_MIN("sigma_min");

    private final String configName;

    FinalSigma(String configName) {
        this.configName = configName;
    }

    @Override
    public String configName() {
        return configName;
    }

    double of(NoiseSchedule schedule) {
        return this == ZERO ? 0 : schedule.sigma(0);
    }
}
