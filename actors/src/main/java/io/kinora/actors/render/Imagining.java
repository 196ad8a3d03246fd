package io.kinora.actors.render;

import akka.actor.typed.ActorRef;
import io.kinora.actors.shard.LanguageModel;
import io.kinora.actors.shard.LanguageModelRequest;
import io.kinora.actors.shard.RenderJob;
import io.kinora.actors.shard.StageInput;
import io.kinora.model.emu2.prompt.Emu2PromptIds;
import io.kinora.model.emu2.prompt.GenerationPrompt;
import io.kinora.model.emu2.prompt.Picture;
import io.kinora.model.emu2.prompt.PromptPart;
import io.kinora.model.llm.ContextLengthException;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** What the language model makes of a job's words: the embeddings of what they say, beside those of nothing. Not thread-safe. */
final class Imagining {
    /** Why there are no embeddings. */
    record Refusal(String code, String reason, boolean retriable) {}

    private final RenderRequest request;
    private final VideoModel.Imagination model;
    private final ActorRef<ImaginedNothing.Command> nothing;
    private final ActorRef<LanguageModel.Event> replyTo;
    private Optional<Tensor> positive = Optional.empty();
    private Optional<Tensor> negative = Optional.empty();

    Imagining(
            RenderRequest request,
            VideoModel.Imagination model,
            ActorRef<ImaginedNothing.Command> nothing,
            ActorRef<LanguageModel.Event> replyTo) {
        this.request = request;
        this.model = model;
        this.nothing = nothing;
        this.replyTo = replyTo;
    }

    /**
     * Asks for both.
     *
     * @param seen embeddings {@code [1, n, W]} of a picture that goes before the words; copied
     */
    Optional<Refusal> start(Optional<Tensor> seen) {
        try {
            List<PromptPart> parts = new ArrayList<>();
            seen.ifPresent(picture -> parts.add(new PromptPart.Image(new Picture.Given(0))));
            request.prompt().ifPresent(words -> parts.add(new PromptPart.Text(words)));
            Emu2PromptIds prompt = model.prompts().generation(new GenerationPrompt.Regressed(parts));
            regress(request.id(), prompt, seen);
            nothing.tell(new ImaginedNothing.Ask(replyTo));
            return Optional.empty();
        } catch (ContextLengthException e) {
            return Optional.of(new Refusal("prompt.too_long", e.getMessage(), false));
        }
    }

    private void regress(String id, Emu2PromptIds prompt, Optional<Tensor> seen) {
        List<StageInput.Visual> visuals = new ArrayList<>();
        seen.ifPresent(embeddings -> {
            try (Scope scope = embeddings.engine().scope()) {
                prompt.images()
                        .forEach(slot -> visuals.add(
                                new StageInput.Visual(slot.start(), scope.detach(embeddings.select(0, 0)))));
            }
        });
        model.languageModel()
                .tell(new LanguageModel.Generate(
                        new LanguageModelRequest(
                                id,
                                IntStream.of(prompt.ids()).boxed().toList(),
                                visuals,
                                Optional.empty(),
                                request.priority(),
                                request.deadline(),
                                new LanguageModelRequest.Embeddings(model.embeddings())),
                        replyTo));
    }

    /** Takes one of the two; the subject, once both are here. */
    Optional<RenderJob.Subject> accept(LanguageModel.EmbeddingsGenerated made) {
        if (made.requestId().equals(ImaginedNothing.ID)) {
            negative = Optional.of(made.embeddings());
        } else {
            positive = Optional.of(made.embeddings());
        }
        if (positive.isEmpty() || negative.isEmpty()) {
            return Optional.empty();
        }
        RenderJob.Subject subject = new RenderJob.Visual(positive.get(), negative);
        positive = Optional.empty();
        negative = Optional.empty();
        return Optional.of(subject);
    }

    static Refusal refusal(LanguageModel.Refused refused) {
        return switch (refused.refusal()) {
            case BUSY -> new Refusal("busy", refused.reason(), true);
            case LATE -> new Refusal("late", refused.reason(), false);
            case INVALID -> new Refusal("request.invalid", refused.reason(), false);
            case TOO_LONG -> new Refusal("prompt.too_long", refused.reason(), false);
            case CANCELLED -> new Refusal("cancelled", refused.reason(), false);
            case BROKEN -> new Refusal("model", refused.reason(), true);
        };
    }

    void cancel() {
        model.languageModel().tell(new LanguageModel.Cancel(request.id()));
    }

    /** Frees what has come and was not handed over. */
    void close() {
        positive.ifPresent(Tensor::close);
        negative.ifPresent(Tensor::close);
    }
}
