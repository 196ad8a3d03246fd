package io.kinora.service.http;

import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.exchange.KinoraClient;
import io.kinora.kafka.follow.CompactedTable;
import io.kinora.kafka.record.Subscription;
import java.util.List;
import java.util.Optional;

/** The questions that stand. What was changed here shows here at once: a change is over when it has been read back. Thread-safe; blocks. */
final class StandingBook implements AutoCloseable {
    private final CompactedTable<Subscription> table;
    private final KinoraClient client;

    StandingBook(KafkaClients clients, CompactedTable<Subscription> table) {
        this.table = table;
        this.client = new KinoraClient(clients, "/kinora/http");
    }

    List<Subscription> all() {
        return table.rows();
    }

    Optional<Subscription> find(String id) {
        return table.find(id);
    }

    /** Creates or changes one. */
    synchronized void put(Subscription subscription) {
        client.subscribe(subscription);
        table.whenCaughtUp().toCompletableFuture().join();
    }

    /** Ends one. */
    synchronized void delete(String id) {
        client.unsubscribe(id);
        table.whenCaughtUp().toCompletableFuture().join();
    }

    @Override
    public void close() {
        table.close();
        client.close();
    }
}
