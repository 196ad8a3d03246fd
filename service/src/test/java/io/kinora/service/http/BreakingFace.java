package io.kinora.service.http;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.Behaviors;
import io.kinora.actors.answer.AnswerClient;
import io.kinora.actors.answer.AnswerDesk;
import io.kinora.actors.answer.AnswerEvent;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** An HTTP face before a desk that says "A red", and then that a stage broke. */
final class BreakingFace {
    private BreakingFace() {}

    /** Starts one on the node of a service; whoever asks closes it. */
    static HttpFace start(RunningKinora kinora) {
        ActorRef<AnswerDesk.Command> desk = kinora.node()
                .system()
                .systemActorOf(
                        Behaviors.receive(AnswerDesk.Command.class)
                                .onMessage(AnswerDesk.Ask.class, ask -> {
                                    String id = ask.request().id();
                                    ask.replyTo().tell(new AnswerEvent.Piece(id, 0, "A red", Optional.empty()));
                                    ask.replyTo().tell(new AnswerEvent.NotAnswered(id, "model", "a stage broke", true));
                                    return Behaviors.same();
                                })
                                .onAnyMessage(other -> Behaviors.same())
                                .build(),
                        "desk-that-breaks-off-" + UUID.randomUUID(),
                        Props.empty());
        return HttpFace.start(
                kinora.node().system(),
                kinora.settings(Map.of()),
                new ServedModel(kinora.node().card(), Optional.of(new AnswerClient(desk)), ServedModel.Makes.NOTHING),
                new PrometheusPage(),
                new NodeFacts.Setting("none", "cpu", 1, Instant.EPOCH),
                kinora.books());
    }
}
