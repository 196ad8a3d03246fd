package io.kinora.actors.shard;

import io.kinora.model.text.Tokenizer;
import java.util.Optional;

/** Which requests the model can compute at all, and what they generate. Confined to the language model's thread. */
final class Admission {
    private final LanguageModelSettings settings;
    private final Tokenizer tokenizer;
    private final AnswerForms forms;
    private long cachePositions = Long.MAX_VALUE;

    Admission(LanguageModelSettings settings, Tokenizer tokenizer) {
        this.settings = settings;
        this.tokenizer = tokenizer;
        this.forms = new AnswerForms(tokenizer);
    }

    /** A stage's cache holds that many positions; the smallest one counts. */
    void cacheHolds(long positions) {
        cachePositions = Math.min(cachePositions, positions);
    }

    /**
     * What a request generates.
     *
     * @throws IllegalArgumentException if it asks for what this model cannot do
     */
    Generation generation(LanguageModelRequest request) {
        if (request.output() instanceof LanguageModelRequest.Text text) {
            return new TextGeneration(tokenizer, text.options(), Optional.empty());
        }
        if (request.output() instanceof LanguageModelRequest.Formed formed) {
            return new TextGeneration(tokenizer, formed.options(), Optional.of(forms.start(formed.form())));
        }
        if (request.output() instanceof LanguageModelRequest.BestText best) {
            return beams(best);
        }
        if (request.output() instanceof LanguageModelRequest.Choices choices) {
            return new ChoiceGeneration(tokenizer, choices.choices());
        }
        return new EmbeddingGeneration(((LanguageModelRequest.Embeddings) request.output()).count());
    }

    private Generation beams(LanguageModelRequest.BestText best) {
        int beams = best.beams().beams();
        if (beams > settings.maxSequences()) {
            throw new IllegalArgumentException(
                    "beams is %d; allowed is 1 to %d, the sequences that are computed at once"
                            .formatted(beams, settings.maxSequences()));
        }
        return new BeamGeneration(tokenizer, best);
    }

    /** Why a request could not even be computed alone. */
    Optional<String> unfit(Sequence sequence) {
        int prompt = sequence.request().ids().size();
        if (sequence.expectedLength() > settings.maxPositions()) {
            return Optional.of("the prompt has %d positions and may become %d longer, the model has %d"
                    .formatted(prompt, sequence.mostNewRows(), settings.maxPositions()));
        }
        return sequence.expectedRows() > cachePositions
                ? Optional.of("the prompt has %d positions and may become %d longer in %d sequences, the cache holds %d"
                        .formatted(prompt, sequence.mostNewRows(), sequence.places(), cachePositions))
                : Optional.empty();
    }
}
