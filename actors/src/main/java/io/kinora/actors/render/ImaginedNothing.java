package io.kinora.actors.render;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.kinora.actors.shard.LanguageModel;
import io.kinora.actors.shard.LanguageModelRequest;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What the language model makes of no words at all: the embeddings that guidance leads away from. They are the same for every job, so they are regressed
 * once, when the first job asks.
 */
final class ImaginedNothing extends AbstractBehavior<ImaginedNothing.Command> {
    /** The id of what it answers with. */
    static final String ID = "/nothing";

    /** What it is told. */
    sealed interface Command {}

    /** Asks for the embeddings; answered as the language model does, under {@link #ID}. The receiver owns them. */
    record Ask(ActorRef<LanguageModel.Event> replyTo) implements Command {}

    private record Came(LanguageModel.Event event) implements Command {}

    private final VideoModel.Imagination model;
    private final List<ActorRef<LanguageModel.Event>> waiting = new ArrayList<>();
    private Optional<LanguageModel.EmbeddingsGenerated> kept = Optional.empty();

    private ImaginedNothing(ActorContext<Command> context, VideoModel.Imagination model) {
        super(context);
        this.model = model;
    }

    static Behavior<Command> create(VideoModel.Imagination model) {
        return Behaviors.setup(context -> new ImaginedNothing(context, model));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Ask.class, this::onAsk)
                .onMessage(Came.class, this::onCame)
                .onSignal(PostStop.class, signal -> onPostStop())
                .build();
    }

    private Behavior<Command> onAsk(Ask ask) {
        if (kept.isPresent()) {
            ask.replyTo().tell(copyOf(kept.get()));
            return this;
        }
        waiting.add(ask.replyTo());
        if (waiting.size() == 1) {
            model.languageModel()
                    .tell(new LanguageModel.Generate(
                            new LanguageModelRequest(
                                    ID,
                                    IntStream.of(model.prompts().unconditional().ids())
                                            .boxed()
                                            .toList(),
                                    List.of(),
                                    Optional.empty(),
                                    0,
                                    Optional.empty(),
                                    new LanguageModelRequest.Embeddings(model.embeddings())),
                            getContext().messageAdapter(LanguageModel.Event.class, Came::new)));
        }
        return this;
    }

    private Behavior<Command> onCame(Came came) {
        if (came.event() instanceof LanguageModel.EmbeddingsGenerated made) {
            kept = Optional.of(made);
            waiting.forEach(asker -> asker.tell(copyOf(made)));
        } else {
            waiting.forEach(asker -> asker.tell(came.event())); // a refusal; the next job tries again
        }
        waiting.clear();
        return this;
    }

    private static LanguageModel.EmbeddingsGenerated copyOf(LanguageModel.EmbeddingsGenerated made) {
        Tensor kept = made.embeddings();
        try (Scope scope = kept.engine().scope()) {
            Tensor copy =
                    kept.engine().zeros(kept.dtype(), kept.shape().toArray()).copyFrom(kept);
            return new LanguageModel.EmbeddingsGenerated(ID, scope.detach(copy), made.cost());
        }
    }

    private Behavior<Command> onPostStop() {
        kept.ifPresent(made -> made.embeddings().close());
        return this;
    }
}
