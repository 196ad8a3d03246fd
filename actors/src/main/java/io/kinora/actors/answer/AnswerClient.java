package io.kinora.actors.answer;

import akka.NotUsed;
import akka.actor.typed.ActorRef;
import akka.stream.OverflowStrategy;
import akka.stream.javadsl.Source;
import akka.stream.typed.javadsl.ActorSource;
import java.util.Optional;

/** Asks an {@link AnswerDesk} in streams. Thread-safe. */
public final class AnswerClient {
    // A slow reader must not lose pieces, and an answer is at most a few thousand tokens long.
    private static final int BUFFER = 16_384;

    private final ActorRef<AnswerDesk.Command> desk;

    /** For a desk. */
    public AnswerClient(ActorRef<AnswerDesk.Command> desk) {
        this.desk = desk;
    }

    /** All events of a question, the last one final. Whoever cancels the stream gives the question up. */
    public Source<AnswerEvent, NotUsed> ask(AnswerRequest request) {
        return ActorSource.<AnswerEvent>actorRef(
                        event -> false, event -> Optional.empty(), BUFFER, OverflowStrategy.fail())
                .mapMaterializedValue(listener -> {
                    desk.tell(new AnswerDesk.Ask(request, listener));
                    return listener;
                })
                .takeWhile(event -> !isFinal(event), true)
                .watchTermination((listener, ended) -> {
                    ended.whenComplete((done, failure) -> desk.tell(new AnswerDesk.Cancel(request.id(), listener)));
                    return NotUsed.getInstance();
                });
    }

    private static boolean isFinal(AnswerEvent event) {
        return event instanceof AnswerEvent.Answered || event instanceof AnswerEvent.NotAnswered;
    }
}
