package io.kinora.decoder.schedule;

/**
 * What the model's output is. With {@code sample = alpha · clean + sigma · noise} and {@code alpha² + sigma² = 1}, each kind gives
 * clean sample and noise as a {@link Mix} of sample and output.
 */
enum PredictionType implements ConfigChoice {
    /** The noise. */
    EPSILON("epsilon") {
        @Override
        Mix clean(double alpha, double sigma) {
            return new Mix(1 / alpha, -sigma / alpha);
        }

        @Override
        Mix noise(double alpha, double sigma) {
            return new Mix(0, 1);
        }
    },
    /** The clean sample. */
    SAMPLE("sample") {
        @Override
        Mix clean(double alpha, double sigma) {
            return new Mix(0, 1);
        }

        @Override
        Mix noise(double alpha, double sigma) {
            return new Mix(1 / sigma, -alpha / sigma);
        }
    },
    /** The velocity {@code alpha · noise - sigma · clean} of Salimans and Ho 2022, arXiv:2202.00512. */
    V_PREDICTION("v_prediction") {
        @Override
        Mix clean(double alpha, double sigma) {
            return new Mix(alpha, -sigma);
        }

        @Override
        Mix noise(double alpha, double sigma) {
            return new Mix(sigma, alpha);
        }
    };

    private final String configName;

    PredictionType(String configName) {
        this.configName = configName;
    }

    @Override
    public String configName() {
        return configName;
    }

    abstract Mix clean(double alpha, double sigma);

    abstract Mix noise(double alpha, double sigma);
}
