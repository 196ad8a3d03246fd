package io.kinora.actors.render;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.kinora.actors.shard.DecoderHost;
import io.kinora.actors.shard.LanguageModel;
import io.kinora.actors.shard.LanguageModelRequest;
import io.kinora.actors.shard.RenderJob;
import io.kinora.model.emu2.prompt.Emu2PromptIds;
import io.kinora.model.emu2.prompt.GenerationPrompt;
import io.kinora.model.emu2.prompt.PromptPart;
import io.kinora.model.llm.ContextLengthException;
import io.kinora.tensor.Tensor;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** One prompt on its way: embeddings of what is to be seen and of nothing, then the decoder. Stops by itself when the clip is made. */
final class RenderSession extends AbstractBehavior<RenderSession.Command> {
    /** What a session is told. */
    sealed interface Command {}

    /** Gives the job up. */
    record Cancel() implements Command {}

    private record Regressed(LanguageModel.Event event) implements Command {}

    private record Decoded(DecoderHost.Event event) implements Command {}

    private static final String UNCONDITIONAL = "/nothing";

    private final RenderRequest request;
    private final VideoModel model;
    private final ActorRef<RenderEvent> listener;
    private final long started = System.nanoTime();
    private Optional<Tensor> positive = Optional.empty();
    private Optional<Tensor> negative = Optional.empty();

    private RenderSession(
            ActorContext<Command> context, RenderRequest request, VideoModel model, ActorRef<RenderEvent> listener) {
        super(context);
        this.request = request;
        this.model = model;
        this.listener = listener;
    }

    static Behavior<Command> create(RenderRequest request, VideoModel model, ActorRef<RenderEvent> listener) {
        return Behaviors.setup(context -> new RenderSession(context, request, model, listener).start());
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Regressed.class, this::onRegressed)
                .onMessage(Decoded.class, this::onDecoded)
                .onMessage(Cancel.class, message -> onCancel())
                .onSignal(PostStop.class, signal -> onPostStop())
                .build();
    }

    private Behavior<Command> start() {
        if (model.imagination().isEmpty()) {
            decode(new RenderJob.Words(request.prompt(), request.negative()));
            return this;
        }
        VideoModel.Imagination imagination = model.imagination().get();
        try {
            regress(
                    imagination,
                    request.id(),
                    imagination
                            .prompts()
                            .generation(
                                    new GenerationPrompt.Regressed(List.of(new PromptPart.Text(request.prompt())))));
            regress(
                    imagination,
                    request.id() + UNCONDITIONAL,
                    imagination.prompts().unconditional());
            return this;
        } catch (ContextLengthException e) {
            return refuse("prompt.too_long", e.getMessage(), false);
        }
    }

    private void regress(VideoModel.Imagination imagination, String id, Emu2PromptIds prompt) {
        imagination
                .languageModel()
                .tell(new LanguageModel.Generate(
                        new LanguageModelRequest(
                                id,
                                IntStream.of(prompt.ids()).boxed().toList(),
                                List.of(),
                                Optional.empty(),
                                request.priority(),
                                request.deadline(),
                                new LanguageModelRequest.Embeddings(imagination.embeddings())),
                        getContext().messageAdapter(LanguageModel.Event.class, Regressed::new)));
    }

    private Behavior<Command> onRegressed(Regressed regressed) {
        if (regressed.event() instanceof LanguageModel.Refused refused) {
            return switch (refused.refusal()) {
                case BUSY -> refuse("busy", refused.reason(), true);
                case LATE -> refuse("late", refused.reason(), false);
                case TOO_LONG -> refuse("prompt.too_long", refused.reason(), false);
                case CANCELLED -> refuse("cancelled", refused.reason(), false);
                case BROKEN -> refuse("model", refused.reason(), true);
            };
        }
        LanguageModel.EmbeddingsGenerated made = (LanguageModel.EmbeddingsGenerated) regressed.event();
        if (made.requestId().endsWith(UNCONDITIONAL)) {
            negative = Optional.of(made.embeddings());
        } else {
            positive = Optional.of(made.embeddings());
        }
        if (positive.isPresent() && negative.isPresent()) {
            listener.tell(new RenderEvent.Imagined(request.id(), Duration.ofNanos(System.nanoTime() - started)));
            RenderJob.Subject subject = new RenderJob.Visual(positive.get(), negative);
            positive = Optional.empty();
            negative = Optional.empty();
            decode(subject);
        }
        return this;
    }

    private void decode(RenderJob.Subject subject) {
        model.decoder()
                .tell(new DecoderHost.Render(
                        request.job(subject), getContext().messageAdapter(DecoderHost.Event.class, Decoded::new)));
    }

    private Behavior<Command> onDecoded(Decoded decoded) {
        if (decoded.event() instanceof DecoderHost.Stepped stepped) {
            listener.tell(new RenderEvent.Stepped(request.id(), stepped.done(), stepped.total()));
            return this;
        }
        if (decoded.event() instanceof DecoderHost.Rendered rendered) {
            listener.tell(new RenderEvent.Made(request.id(), rendered.clip(), rendered.made()));
            return Behaviors.stopped();
        }
        DecoderHost.NotRendered failed = (DecoderHost.NotRendered) decoded.event();
        return switch (failed.failure()) {
            case BUSY -> refuse("busy", failed.reason(), true);
            case INVALID -> refuse("request.invalid", failed.reason(), false);
            case TOO_LARGE -> refuse("too_large", failed.reason(), false);
            case CANCELLED -> refuse("cancelled", failed.reason(), false);
            case LATE -> refuse("late", failed.reason(), false);
            case BROKEN -> refuse("model", failed.reason(), true);
        };
    }

    private Behavior<Command> onCancel() {
        model.imagination().ifPresent(imagination -> {
            imagination.languageModel().tell(new LanguageModel.Cancel(request.id()));
            imagination.languageModel().tell(new LanguageModel.Cancel(request.id() + UNCONDITIONAL));
        });
        model.decoder().tell(new DecoderHost.Cancel(request.id()));
        return this;
    }

    private Behavior<Command> refuse(String code, String reason, boolean retriable) {
        listener.tell(new RenderEvent.NotMade(request.id(), code, reason, retriable));
        return Behaviors.stopped();
    }

    private Behavior<Command> onPostStop() {
        positive.ifPresent(Tensor::close);
        negative.ifPresent(Tensor::close);
        return this;
    }
}
