package io.kinora.actors.compose;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.kinora.actors.adapter.ModaVerseMedia;
import io.kinora.actors.shard.EncoderHost;
import io.kinora.actors.shard.LanguageModel;
import io.kinora.actors.shard.LanguageModelRequest;
import io.kinora.actors.shard.StageInput;
import io.kinora.actors.trace.Stage;
import io.kinora.actors.trace.TracedWork;
import io.kinora.actors.trace.Tracing;
import io.kinora.model.modaverse.imagebind.UnusableMediaException;
import io.kinora.model.modaverse.meta.MetaResponse;
import io.kinora.model.modaverse.meta.MetaResponseParser;
import io.kinora.model.modaverse.prompt.ModaVersePrompts;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.video.ClipLimitException;
import io.kinora.video.NoSoundException;
import io.kinora.video.SoundTooShortException;
import io.kinora.video.VideoException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * One request on its way: each medium to a row of the language model, the meta-response, then everything it asks for, side by side. Stops by
 * itself when all was tried.
 *
 * <pre>
 *   medium ─> encoder (kept by hash) ─┐
 *   medium ─> …                       ├─> language model ─> meta-response ─┬─> text
 *   instruction ──────────────────────┘                                   └─> generator of its modality ─> files with lineage
 * </pre>
 */
final class ComposeSession extends AbstractBehavior<ComposeSession.Command> {
    /** What a session is told. */
    sealed interface Command {}

    /** Gives the request up. */
    record Cancel() implements Command {}

    private record Perceive() implements Command {}

    private record Encoded(EncoderHost.Reply reply) implements Command {}

    private record Decoded(Tensor pixelsOrBands) implements Command {}

    private record NotDecoded(Throwable failure) implements Command {}

    private record Written(LanguageModel.Event event) implements Command {}

    private record Generated(int index, TracedWork making, Generator.Product product, Lineage lineage)
            implements Command {}

    private record NotGenerated(int index, TracedWork making, Throwable failure) implements Command {}

    private static final String END = "###";

    private final ComposeRequest request;
    private final MediaModel model;
    private final Generators generators;
    private final ActorRef<ComposeEvent> listener;
    private final ActorRef<EncoderHost.Reply> encoderReplies;
    private final List<Tensor> rows = new ArrayList<>(); // (1, 1, D) each, owned
    private final Tracing tracing;
    private final TracedWork work;
    private long stageStarted = System.nanoTime();
    private boolean writing;
    private int pending;
    private int made;
    private int failed;

    private ComposeSession(
            ActorContext<Command> context,
            ComposeRequest request,
            MediaModel model,
            Generators generators,
            ActorRef<ComposeEvent> listener) {
        super(context);
        this.request = request;
        this.model = model;
        this.generators = generators;
        this.listener = listener;
        this.tracing = Tracing.get(context.getSystem());
        this.work = tracing.begin("compose", Tracing.Kind.PART, request.trace());
        this.encoderReplies = context.messageAdapter(EncoderHost.Reply.class, Encoded::new);
    }

    static Behavior<Command> create(
            ComposeRequest request, MediaModel model, Generators generators, ActorRef<ComposeEvent> listener) {
        return Behaviors.setup(context -> {
            context.getSelf().tell(new Perceive());
            return new ComposeSession(context, request, model, generators, listener);
        });
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Perceive.class, message -> perceive())
                .onMessage(Encoded.class, this::onEncoded)
                .onMessage(Decoded.class, this::onDecoded)
                .onMessage(NotDecoded.class, this::onNotDecoded)
                .onMessage(Written.class, this::onWritten)
                .onMessage(Generated.class, this::onGenerated)
                .onMessage(NotGenerated.class, this::onNotGenerated)
                .onMessage(Cancel.class, message -> onCancel())
                .onSignal(PostStop.class, signal -> onPostStop())
                .build();
    }

    /** The next medium, or the language model's turn. */
    private Behavior<Command> perceive() {
        if (rows.size() == request.media().size()) {
            return write();
        }
        model.encoder().tell(new EncoderHost.Find(key(), encoderReplies));
        return this;
    }

    private Material medium() {
        return request.media().get(rows.size());
    }

    private String key() {
        return "%s/%s/%s".formatted(medium().sha256(), kind(), model.revision());
    }

    private EncoderHost.Kind kind() {
        if (medium() instanceof Material.Picture) {
            return EncoderHost.Kind.STILLS;
        }
        return medium() instanceof Material.Clip ? EncoderHost.Kind.FRAMES : EncoderHost.Kind.SOUNDS;
    }

    private Behavior<Command> onEncoded(Encoded message) {
        if (message.reply() instanceof EncoderHost.Encoded encoded) {
            rows.add(encoded.embeddings());
            if (!encoded.reused()) {
                tell("clip.encode");
            }
            listener.tell(new ComposeEvent.Perceived(request.id(), rows.size() - 1, encoded.reused()));
            return perceive();
        }
        if (message.reply() instanceof EncoderHost.NotEncoded failure) {
            return refuse("model", failure.reason(), true);
        }
        Material medium = medium();
        stageStarted = System.nanoTime();
        Executor blocking = getContext()
                .getSystem()
                .dispatchers()
                .lookup(DispatcherSelector.fromConfig("kinora.dispatchers.blocking"));
        getContext()
                .pipeToSelf(
                        CompletableFuture.supplyAsync(() -> decoded(medium), blocking),
                        (tensor, failure) -> failure == null ? new Decoded(tensor) : new NotDecoded(failure));
        return this;
    }

    private Tensor decoded(Material medium) {
        if (medium instanceof Material.Picture picture) {
            return ModaVerseMedia.picture(picture.source(), picture.limits(), model.host());
        }
        if (medium instanceof Material.Clip clip) {
            return ModaVerseMedia.clip(clip.source(), clip.limits(), model.host());
        }
        Material.Sound sound = (Material.Sound) medium;
        return ModaVerseMedia.sound(sound.source(), sound.limits(), model.host());
    }

    private Behavior<Command> onDecoded(Decoded decoded) {
        tell("clip.decode");
        model.encoder().tell(new EncoderHost.Encode(key(), kind(), decoded.pixelsOrBands(), List.of(), encoderReplies));
        return this;
    }

    private Behavior<Command> onNotDecoded(NotDecoded notDecoded) {
        Throwable failure = cause(notDecoded.failure());
        String reason = "medium %d: %s".formatted(rows.size() + 1, failure.getMessage());
        if (failure instanceof ClipLimitException) {
            return refuse("media.limit", reason, false);
        }
        if (failure instanceof NoSoundException) {
            return refuse("media.no_sound", reason, false);
        }
        if (failure instanceof SoundTooShortException || failure instanceof UnusableMediaException) {
            return refuse("media.unusable", reason, false);
        }
        if (failure instanceof VideoException) {
            return refuse("media.unreadable", reason, false);
        }
        getContext().getLog().error("request {} failed while its media were read", request.id(), failure);
        return refuse("internal", failure.toString(), true);
    }

    private Behavior<Command> write() {
        int[] prompt = model.prompts().ids(request.instruction(), rows.size());
        List<Integer> ids = new ArrayList<>();
        List<StageInput.Visual> visuals = new ArrayList<>();
        try (Scope scope = model.host().scope()) {
            for (int i = 0; i < prompt.length; i++) {
                boolean medium = prompt[i] == ModaVersePrompts.MEDIUM;
                ids.add(medium ? model.prompts().tokens().beginMedia() : prompt[i]);
                if (medium) {
                    visuals.add(new StageInput.Visual(
                            i, scope.detach(rows.get(visuals.size()).select(0, 0))));
                }
            }
        }
        release();
        LanguageModelRequest.Output output = request.form()
                .<LanguageModelRequest.Output>map(form ->
                        new LanguageModelRequest.Formed(request.options().withStops(List.of(END)), form))
                .orElseGet(() -> new LanguageModelRequest.Text(request.options().withStops(List.of(END))));
        writing = true;
        model.languageModel()
                .tell(new LanguageModel.Generate(
                        new LanguageModelRequest(
                                request.id(),
                                ids,
                                visuals,
                                Optional.empty(),
                                request.priority(),
                                request.deadline(),
                                output),
                        getContext().messageAdapter(LanguageModel.Event.class, Written::new)));
        return this;
    }

    private Behavior<Command> onWritten(Written written) {
        if (written.event() instanceof LanguageModel.Ended ended) {
            writing = false;
            tracing.tell(
                    work.trace(),
                    new Stage("llm.queue", ended.cost().queued()),
                    new Stage("llm.prefill", ended.cost().prefill()),
                    new Stage("llm.decode", ended.cost().generate()));
            work.with("gen_ai.usage.input_tokens", ended.cost().promptRows())
                    .with("gen_ai.usage.output_tokens", ended.tokens().size());
            MetaResponse response = MetaResponseParser.parse(ended.text());
            listener.tell(new ComposeEvent.Responded(
                    request.id(),
                    response,
                    ended.cost().promptRows(),
                    ended.tokens().size()));
            if (response instanceof MetaResponse.Malformed malformed) {
                return refuse("meta_response.malformed", malformed.message(), false);
            }
            return makeAll((MetaResponse.Invoked) response);
        }
        if (written.event() instanceof LanguageModel.Refused refused) {
            return switch (refused.refusal()) {
                case BUSY -> refuse("busy", refused.reason(), true);
                case LATE -> refuse("late", refused.reason(), false);
                case TOO_LONG -> refuse("prompt.too_long", refused.reason(), false);
                case INVALID -> refuse("request.invalid", refused.reason(), false);
                case CANCELLED -> refuse("cancelled", refused.reason(), false);
                case BROKEN -> refuse("model", refused.reason(), true);
            };
        }
        return this;
    }

    private Behavior<Command> makeAll(MetaResponse.Invoked response) {
        List<Route> routes = new Router(model.name(), model.revision(), generators).routes(request, response);
        pending = routes.size();
        routes.forEach(this::follow);
        return settle();
    }

    private void follow(Route route) {
        if (route instanceof Route.Say say) {
            listener.tell(new ComposeEvent.Said(request.id(), say.index(), say.text(), say.lineage()));
            pending--;
            made++;
        } else if (route instanceof Route.Make make) {
            String modality = make.order().modality().label();
            TracedWork making = tracing.begin("generate " + modality, Tracing.Kind.PART, work.trace());
            getContext()
                    .pipeToSelf(
                            make.generator().generate(make.order().within(making.trace())),
                            (product, failure) -> failure == null
                                    ? new Generated(make.index(), making, product, make.lineage())
                                    : new NotGenerated(make.index(), making, failure));
        } else if (route instanceof Route.Unserved unserved) {
            String modality = unserved.modality().label();
            fail(
                    unserved.index(),
                    "generator.absent",
                    "the answer asks for %s, but no generator of that is configured (kinora.generators.%s)"
                            .formatted(modality, modality),
                    false);
        }
    }

    private Behavior<Command> onGenerated(Generated generated) {
        generated.making().end();
        Generator.Product product = generated.product();
        listener.tell(new ComposeEvent.Made(
                request.id(),
                generated.index(),
                product.files(),
                product.contentType(),
                product.suffix(),
                generated.lineage()));
        pending--;
        made++;
        return settle();
    }

    private Behavior<Command> onNotGenerated(NotGenerated notGenerated) {
        Throwable failure = cause(notGenerated.failure());
        notGenerated.making().failed(failure.getClass().getSimpleName()).end();
        if (failure instanceof GenerationFailedException known) {
            fail(notGenerated.index(), known.code(), String.valueOf(known.getMessage()), known.retriable());
        } else {
            getContext().getLog().error("a generator failed for request {}", request.id(), failure);
            fail(notGenerated.index(), "internal", failure.toString(), true);
        }
        return settle();
    }

    private void fail(int index, String code, String reason, boolean retriable) {
        listener.tell(new ComposeEvent.NotMade(request.id(), index, code, reason, retriable));
        pending--;
        failed++;
    }

    private Behavior<Command> settle() {
        if (pending > 0) {
            return this;
        }
        listener.tell(new ComposeEvent.Finished(request.id(), made, failed));
        return Behaviors.stopped();
    }

    private Behavior<Command> onCancel() {
        if (writing) {
            model.languageModel().tell(new LanguageModel.Cancel(request.id()));
        }
        return refuse("cancelled", "it was cancelled", false);
    }

    private Behavior<Command> refuse(String code, String reason, boolean retriable) {
        work.failed(code);
        listener.tell(new ComposeEvent.NotUnderstood(request.id(), code, reason, retriable));
        return Behaviors.stopped();
    }

    /** A stage that began when the last one ended. */
    private void tell(String stage) {
        long now = System.nanoTime();
        tracing.tell(work.trace(), new Stage(stage, Duration.ofNanos(now - stageStarted)));
        stageStarted = now;
    }

    private Behavior<Command> onPostStop() {
        release();
        work.end();
        return this;
    }

    private void release() {
        rows.forEach(Tensor::close);
        rows.clear();
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException wrapped && wrapped.getCause() != null
                ? wrapped.getCause()
                : failure;
    }
}
