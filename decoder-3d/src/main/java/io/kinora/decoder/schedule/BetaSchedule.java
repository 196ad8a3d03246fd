package io.kinora.decoder.schedule;

/** How a schedule's betas, the variance added at each training step, run from first to last. */
enum BetaSchedule implements ConfigChoice {
    /** Evenly from start to end. */
    LINEAR("linear") {
        @Override
        float[] betas(double start, double end, int count) {
            return evenly((float) start, (float) end, count);
        }
    },
    /** Square roots evenly from start to end: latent diffusion models. */
    SCALED_LINEAR("scaled_linear") {
        @Override
        float[] betas(double start, double end, int count) {
            float[] betas = evenly((float) Math.sqrt(start), (float) Math.sqrt(end), count);
            for (int t = 0; t < count; t++) {
                betas[t] *= betas[t];
            }
            return betas;
        }
    },
    /** The cosine curve of Nichol and Dhariwal 2021, each beta capped; start and end play no part. */
    SQUAREDCOS_CAP_V2("squaredcos_cap_v2") {
        @Override
        float[] betas(double start, double end, int count) {
            float[] betas = new float[count];
            for (int t = 0; t < count; t++) {
                double ratio = cosine((t + 1.0) / count) / cosine((double) t / count);
                betas[t] = (float) Math.min(1 - ratio, MAX_BETA);
            }
            return betas;
        }
    };

    private static final double MAX_BETA = 0.999;
    private static final double COSINE_OFFSET = 0.008;

    private final String configName;

    BetaSchedule(String configName) {
        this.configName = configName;
    }

    @Override
    public String configName() {
        return configName;
    }

    abstract float[] betas(double start, double end, int count);

    /** From both ends towards the middle in single precision, as torch.linspace does it. */
    private static float[] evenly(float start, float end, int count) {
        float[] values = new float[count];
        float step = count == 1 ? 0 : (end - start) / (count - 1);
        for (int i = 0; i < count; i++) {
            values[i] = i < count / 2 || count == 1 ? start + step * i : end - step * (count - 1 - i);
        }
        return values;
    }

    private static double cosine(double share) {
        double root = Math.cos((share + COSINE_OFFSET) / (1 + COSINE_OFFSET) * Math.PI / 2);
        return root * root;
    }
}
