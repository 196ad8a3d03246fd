package io.kinora.actors.compose;

import akka.NotUsed;
import akka.actor.typed.ActorRef;
import akka.stream.OverflowStrategy;
import akka.stream.javadsl.Source;
import akka.stream.typed.javadsl.ActorSource;
import java.util.Optional;

/** Asks a {@link ComposeDesk} in streams. Thread-safe. */
public final class ComposeClient {
    private static final int BUFFER = 1024;

    private final ActorRef<ComposeDesk.Command> desk;

    /** For a desk. */
    public ComposeClient(ActorRef<ComposeDesk.Command> desk) {
        this.desk = desk;
    }

    /** All events of a request, the last one final. Whoever cancels the stream gives the request up. */
    public Source<ComposeEvent, NotUsed> compose(ComposeRequest request) {
        return ActorSource.<ComposeEvent>actorRef(
                        event -> false, event -> Optional.empty(), BUFFER, OverflowStrategy.fail())
                .mapMaterializedValue(listener -> {
                    desk.tell(new ComposeDesk.Compose(request, listener));
                    return listener;
                })
                .takeWhile(event -> !isFinal(event), true)
                .watchTermination((listener, ended) -> {
                    ended.whenComplete((done, failure) -> desk.tell(new ComposeDesk.Cancel(request.id(), listener)));
                    return NotUsed.getInstance();
                });
    }

    private static boolean isFinal(ComposeEvent event) {
        return event instanceof ComposeEvent.Finished || event instanceof ComposeEvent.NotUnderstood;
    }
}
