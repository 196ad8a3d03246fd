package io.kinora.actors.session;

import akka.Done;
import io.kinora.kafka.record.Session;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Where sessions are kept. Thread-safe. */
public interface SessionStore {
    /**
     * Takes a session over: from now on nothing that was opened before can change it, wherever it was opened. The stage fails for what may pass.
     *
     * @param id which session; it need not be there
     */
    CompletionStage<Kept> open(String id);

    /** A session that was taken over. */
    interface Kept {
        /** As it was then; empty where there is none. */
        Optional<Session> session();

        /** Keeps it as it is now. A failed stage leaves open whether it was kept: what was opened is of no use then, and is to be opened again. */
        CompletionStage<Done> save(Session session);

        /** Keeps it no longer. Fails as {@link #save} does. */
        CompletionStage<Done> forget();
    }
}
