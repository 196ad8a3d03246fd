package io.kinora.actors.shard;

import akka.actor.typed.ActorRef;
import java.util.Collection;
import java.util.List;

/** The stages' caches as the language model commands them: each command goes from stage to stage, between the steps. Confined to its thread. */
final class StageCaches {
    private final ActorRef<StageHost.Command> first;
    private long last;

    StageCaches(ActorRef<StageHost.Command> first) {
        this.first = first;
    }

    /** A number that no sequence in the caches has. */
    long newSequence() {
        return ++last;
    }

    /** A sequence that begins with the first positions of another. */
    void fork(long parent, long child, int length, int expectedLength) {
        first.tell(new StageHost.Fork(parent, child, length, expectedLength));
    }

    /** Forgets sequences. */
    void free(Collection<Long> sequences) {
        if (!sequences.isEmpty()) {
            first.tell(new StageHost.Free(List.copyOf(sequences)));
        }
    }
}
