package io.kinora.training.finetune;

import io.kinora.training.optim.LearningRate;
import io.kinora.training.optim.OptimizerSettings;

/**
 * How a checkpoint is fine-tuned.
 *
 * @param steps steps of the optimiser
 * @param rate highest learning rate
 * @param frames frames of each clip that the model looks at
 * @param clips clips of a batch
 * @param questions the most that are asked about a clip at once
 * @param rehearsal share of the clips that come from the world of moving shapes, so that what was learned there is not forgotten
 * @param seed of batches
 */
public record FineTuneSettings(
        int steps, double rate, int frames, int clips, int questions, double rehearsal, long seed) {
    /** What teaches a word from ten clips in a minute or two. */
    public static final FineTuneSettings DEFAULT = new FineTuneSettings(120, 5e-4, 8, 4, 8, 0.5, 1);

    private static final double FLOOR = 0.1;
    private static final int WARM_UP_PART = 10;

    public FineTuneSettings {
        requireAtLeastOne("steps", steps);
        requireAtLeastOne("frames", frames);
        requireAtLeastOne("clips", clips);
        requireAtLeastOne("questions", questions);
        if (!(rate > 0 && rate <= 1)) {
            throw new IllegalArgumentException("rate is %s, allowed is above 0 to 1".formatted(rate));
        }
        if (!(rehearsal >= 0 && rehearsal < 1)) {
            throw new IllegalArgumentException("rehearsal is %s, allowed is 0 to below 1".formatted(rehearsal));
        }
    }

    private static void requireAtLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException("%s is %d, allowed are 1 and more".formatted(name, value));
        }
    }

    /** A short warm-up, then half a cosine; no decay, which would pull a trained model away from where it is. */
    OptimizerSettings optimizer() {
        return new OptimizerSettings(new LearningRate(rate, steps / WARM_UP_PART, steps, FLOOR), 0.9, 0.98, 0, 1, 0);
    }
}
