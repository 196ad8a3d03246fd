package io.kinora.actors.render;

import akka.NotUsed;
import akka.actor.typed.ActorRef;
import akka.stream.OverflowStrategy;
import akka.stream.javadsl.Source;
import akka.stream.typed.javadsl.ActorSource;
import java.util.Optional;

/** Asks a {@link RenderDesk} in streams. Thread-safe. */
public final class RenderClient {
    // A slow reader must not lose steps, and a job has at most a few thousand.
    private static final int BUFFER = 16_384;

    private final ActorRef<RenderDesk.Command> desk;

    /** For a desk. */
    public RenderClient(ActorRef<RenderDesk.Command> desk) {
        this.desk = desk;
    }

    /** All events of a job, the last one final. Whoever cancels the stream gives the job up. */
    public Source<RenderEvent, NotUsed> render(RenderRequest request) {
        return ActorSource.<RenderEvent>actorRef(
                        event -> false, event -> Optional.empty(), BUFFER, OverflowStrategy.fail())
                .mapMaterializedValue(listener -> {
                    desk.tell(new RenderDesk.Render(request, listener));
                    return listener;
                })
                .takeWhile(event -> !isFinal(event), true)
                .watchTermination((listener, ended) -> {
                    ended.whenComplete((done, failure) -> desk.tell(new RenderDesk.Cancel(request.id(), listener)));
                    return NotUsed.getInstance();
                });
    }

    private static boolean isFinal(RenderEvent event) {
        return event instanceof RenderEvent.Made || event instanceof RenderEvent.NotMade;
    }
}
