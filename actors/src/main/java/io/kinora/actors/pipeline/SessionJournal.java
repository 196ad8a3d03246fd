package io.kinora.actors.pipeline;

import akka.Done;
import io.kinora.actors.session.SessionStore;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.follow.CompactedTable;
import io.kinora.kafka.headers.Event;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.headers.TraceContext;
import io.kinora.kafka.record.Session;
import io.kinora.kafka.topic.Topic;
import io.kinora.kafka.transaction.Transaction;
import io.kinora.kafka.transaction.TransactionalWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.utils.Utils;

/**
 * Sessions on their compacted topic. Sessions are dealt out to {@value #WRITERS} writers by their ids; each writer has a transactional id of its own, so
 * that whoever opens it fences all others, wherever they run. What is written by a writer that was fenced, or that failed, is not kept: the session is to
 * be opened again, and is then read behind everything that any writer before has committed.
 */
final class SessionJournal implements SessionStore, AutoCloseable {
    // Part of the transactional ids: nodes of all versions have to agree.
    private static final int WRITERS = 16;

    private final KafkaClients clients;
    private final RecordEncoder encoder;
    private final Executor transactions;
    private final CompactedTable<Session> table;
    private final Map<Integer, Writer> open = new HashMap<>();

    SessionJournal(KafkaClients clients, RecordDecoder decoder, RecordEncoder encoder, Executor transactions) {
        this.clients = clients;
        this.encoder = encoder;
        this.transactions = transactions;
        this.table = CompactedTable.start(
                clients, clients.settings().topics().name(Topic.SESSIONS), record -> decoder.session(record)
                        .map(Event::body));
    }

    /** All sessions, those whose time is over included. */
    List<Session> all() {
        return table.rows();
    }

    /** The ids of those whose time is over. */
    List<String> expired(Instant now) {
        return table.rows().stream()
                .filter(session -> session.isExpired(now))
                .map(Session::id)
                .toList();
    }

    @Override
    public CompletionStage<Kept> open(String id) {
        return CompletableFuture.supplyAsync(() -> writer(id), transactions)
                .thenCompose(writer -> table.whenCaughtUp().thenCompose(read -> {
                    Optional<Session> found = table.find(id);
                    if (writer.shows(id, found)) {
                        return CompletableFuture.completedStage(new KeptByWriter(id, found, writer));
                    }
                    // What it committed is not visible yet. Opening the next one waits for that.
                    writer.retire();
                    return open(id);
                }));
    }

    private Writer writer(String id) {
        int number = Utils.toPositive(Utils.murmur2(id.getBytes(StandardCharsets.UTF_8))) % WRITERS;
        synchronized (open) {
            Writer known = open.get(number);
            if (known == null || known.retired) {
                known = new Writer(TransactionalWriter.open(
                        clients,
                        clients.transactionalId(
                                "sessions", clients.settings().topics().name(Topic.SESSIONS), number)));
                open.put(number, known);
            }
            return known;
        }
    }

    /** One of the writers, from its opening to its first failure. */
    private static final class Writer {
        private final TransactionalWriter kafka;
        private final Map<String, Optional<Session>> written = new HashMap<>(); // since the last of each was seen
        private volatile boolean retired;

        Writer(TransactionalWriter kafka) {
            this.kafka = kafka;
        }

        synchronized void write(String id, Optional<Session> session, ProducerRecord<byte[], byte[]> record) {
            if (retired) {
                throw new IllegalStateException("the writer of session %s was given up".formatted(id));
            }
            try {
                kafka.commit(Transaction.of(List.of(record)));
                written.put(id, session);
            } catch (RuntimeException e) {
                retire();
                throw e;
            }
        }

        /** Whether what was found is what was last written here, if anything was. */
        synchronized boolean shows(String id, Optional<Session> found) {
            if (written.containsKey(id) && !written.get(id).equals(found)) {
                return false;
            }
            written.remove(id);
            return true;
        }

        synchronized void retire() {
            retired = true;
            kafka.close();
        }
    }

    private final class KeptByWriter implements Kept {
        private final String id;
        private final Optional<Session> session;
        private final Writer writer;

        KeptByWriter(String id, Optional<Session> session, Writer writer) {
            this.id = id;
            this.session = session;
            this.writer = writer;
        }

        @Override
        public Optional<Session> session() {
            return session;
        }

        @Override
        public CompletionStage<Done> save(Session now) {
            return write(Optional.of(now), encoder.session(now, TraceContext.NONE));
        }

        @Override
        public CompletionStage<Done> forget() {
            return write(Optional.empty(), encoder.sessionForgotten(id));
        }

        private CompletionStage<Done> write(Optional<Session> now, ProducerRecord<byte[], byte[]> record) {
            return CompletableFuture.supplyAsync(
                    () -> {
                        writer.write(id, now, record);
                        return Done.getInstance();
                    },
                    transactions);
        }
    }

    @Override
    public void close() {
        synchronized (open) {
            open.values().forEach(Writer::retire);
        }
        table.close();
    }
}
