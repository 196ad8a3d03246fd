package io.kinora.training.stage;

import java.util.Optional;

/**
 * Unified training: a batch of answers, then one of embeddings, and so on, so that the language model learns to imagine and forgets nothing of what it
 * sees.
 */
public final class UnifiedStage implements Objective<UnifiedStage.Batch> {
    private final AnswerStage answers;
    private final ImaginingStage imagining;
    private final int turn;

    /** Of one kind or the other. */
    public record Batch(Optional<AnswerStage.Batch> answers, Optional<ImaginingStage.Batch> imagining) {}

    /**
     * Of two objectives on one model.
     *
     * @param turn of so many batches, one is of embeddings and the others are of answers
     */
    public UnifiedStage(AnswerStage answers, ImaginingStage imagining, int turn) {
        this.answers = answers;
        this.imagining = imagining;
        this.turn = turn;
    }

    @Override
    public Batch prepare(long number) {
        return number % turn == 0
                ? new Batch(Optional.empty(), Optional.of(imagining.prepare(number)))
                : new Batch(Optional.of(answers.prepare(number)), Optional.empty());
    }

    @Override
    public Loss loss(Batch batch) {
        return batch.answers().isPresent()
                ? answers.loss(batch.answers().get())
                : imagining.loss(batch.imagining().orElseThrow());
    }
}
