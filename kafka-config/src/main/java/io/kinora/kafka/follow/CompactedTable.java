package io.kinora.kafka.follow;

import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.client.KafkaClients;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a compacted topic holds, by key: read from its beginning at start, and followed from then on, by a thread of its own. Committed records only. A
 * record that cannot be read leaves what its key had before. Thread-safe.
 *
 * @param <T> what a record is read as
 */
public final class CompactedTable<T> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CompactedTable.class);

    private final Function<ConsumerRecord<byte[], byte[]>, Optional<T>> read;
    private final Map<String, T> rows = new ConcurrentHashMap<>();
    private final Map<String, List<CompletableFuture<Void>>> awaitedGone = new ConcurrentHashMap<>();
    private final Listeners<T> listeners = new Listeners<>();
    private final Follower follower;

    private CompactedTable(
            KafkaClients clients, String topic, Function<ConsumerRecord<byte[], byte[]>, Optional<T>> read) {
        this.read = read;
        this.follower = new Follower(clients, topic, OptionalLong.empty(), this::take);
    }

    /**
     * Starts to read a topic; returns at once.
     *
     * @param read a record's row; empty for a tombstone; a {@link MalformedRecordException} for what is none
     */
    public static <T> CompactedTable<T> start(
            KafkaClients clients, String topic, Function<ConsumerRecord<byte[], byte[]>, Optional<T>> read) {
        CompactedTable<T> table = new CompactedTable<>(clients, topic, read);
        table.follower.start();
        return table;
    }

    /** The row of a key. */
    public Optional<T> find(String key) {
        return Optional.ofNullable(rows.get(key));
    }

    /** All rows as they are now, in the order of their keys. */
    public List<T> rows() {
        return rows.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(Map.Entry::getValue)
                .toList();
    }

    /** Completes when a key has no row, at once if it has none now. */
    public CompletionStage<Void> whenGone(String key) {
        CompletableFuture<Void> gone = new CompletableFuture<>();
        awaitedGone.computeIfAbsent(key, none -> new CopyOnWriteArrayList<>()).add(gone);
        if (!rows.containsKey(key)) {
            tellGone(key);
        }
        return gone;
    }

    private void tellGone(String key) {
        Optional.ofNullable(awaitedGone.remove(key)).ifPresent(waiting -> waiting.forEach(gone -> gone.complete(null)));
    }

    /**
     * Tells somebody of every row that is written from now on, until the result is closed; by the thread that reads, which must not be held up.
     */
    public Listening listen(Consumer<T> listener) {
        return listeners.add(listener);
    }

    /**
     * Completes when all that the topic held at the moment of the call has been read, and every transaction on it that was open then has ended. Fails when the
     * table ends before.
     */
    public CompletionStage<Void> whenCaughtUp() {
        return follower.whenCaughtUp();
    }

    /** Completes when the table was closed; fails when it ended by itself, and then tells what it knew. */
    public CompletionStage<Void> whenEnded() {
        return follower.whenEnded();
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        if (record.key() == null) {
            return;
        }
        String key = new String(record.key(), StandardCharsets.UTF_8);
        Optional<T> row;
        try {
            row = read.apply(record);
        } catch (MalformedRecordException e) {
            LOG.warn(
                    "{}-{}@{} is passed over: {}", record.topic(), record.partition(), record.offset(), e.getMessage());
            return;
        }
        row.ifPresentOrElse(
                written -> {
                    rows.put(key, written);
                    listeners.tell(written);
                },
                () -> {
                    rows.remove(key);
                    tellGone(key);
                });
    }

    /** Ends the thread and waits for it. */
    @Override
    public void close() {
        follower.close();
    }
}
