package io.kinora.actors.pipeline;

import akka.actor.typed.ActorRef;
import io.kinora.actors.compose.ComposeDesk;
import io.kinora.kafka.record.ModelIdentity;

/**
 * Who carries instructions out.
 *
 * @param desk takes them
 * @param model the weights that understand them
 * @param atOnce instructions of one partition that are worked on at once
 */
public record Composing(ActorRef<ComposeDesk.Command> desk, ModelIdentity model, int atOnce) {
    /** Checks that they get anywhere. */
    public Composing {
        if (atOnce < 1) {
            throw new IllegalArgumentException(
                    "kinora.pipelines.instructions-at-once is %d, need at least 1".formatted(atOnce));
        }
    }
}
