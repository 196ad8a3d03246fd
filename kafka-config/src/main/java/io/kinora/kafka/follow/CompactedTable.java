package io.kinora.kafka.follow;

import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.client.KafkaClients;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
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
    private static final Duration POLL = Duration.ofMillis(100);

    private final String topic;
    private final Function<ConsumerRecord<byte[], byte[]>, Optional<T>> read;
    private final Consumer<byte[], byte[]> consumer;
    private final Map<String, T> rows = new ConcurrentHashMap<>();
    private final Progress progress = new Progress();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    /** Whether the thread looks for those who ask before it waits for records again. */
    private final AtomicBoolean woken = new AtomicBoolean(true);

    private final Thread thread;
    private volatile boolean closing;

    private CompactedTable(
            KafkaClients clients, String topic, Function<ConsumerRecord<byte[], byte[]>, Optional<T>> read) {
        this.topic = topic;
        this.read = read;
        this.consumer = clients.consumer("table", Map.of(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest"));
        this.thread = new Thread(this::run, "kinora-table-" + topic);
        this.thread.setDaemon(true);
    }

    /**
     * Starts to read a topic; returns at once.
     *
     * @param read a record's row; empty for a tombstone; a {@link MalformedRecordException} for what is none
     */
    public static <T> CompactedTable<T> start(
            KafkaClients clients, String topic, Function<ConsumerRecord<byte[], byte[]>, Optional<T>> read) {
        CompactedTable<T> table = new CompactedTable<>(clients, topic, read);
        table.thread.start();
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

    /** Completes when all that the topic held at the moment of the call has been read. Fails when the table ends before. */
    public CompletionStage<Void> whenCaughtUp() {
        CompletionStage<Void> done = progress.whenCaughtUp();
        if (woken.compareAndSet(false, true)) {
            consumer.wakeup();
        }
        return done;
    }

    /** Completes when the table was closed; fails when it ended by itself, and then tells what it knew. */
    public CompletionStage<Void> whenEnded() {
        return ended.minimalCompletionStage();
    }

    private void run() {
        try (consumer) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (!closing) {
                step();
            }
            end(new IllegalStateException("the table of %s was closed".formatted(topic)));
        } catch (WakeupException | InterruptException e) {
            end(new IllegalStateException("the table of %s was closed".formatted(topic), e));
        } catch (RuntimeException e) {
            LOG.error("the table of {} ended", topic, e);
            progress.fail(e);
            ended.completeExceptionally(e);
        }
    }

    private void end(IllegalStateException closed) {
        progress.fail(closed);
        ended.complete(null);
    }

    private void step() {
        try {
            int askers = progress.askers();
            if (askers > 0) {
                progress.end(askers, byPartition(consumer.endOffsets(consumer.assignment())));
            }
            woken.set(false);
            Duration wait = progress.askers() > 0 ? Duration.ZERO : POLL;
            for (ConsumerRecord<byte[], byte[]> next : consumer.poll(wait)) {
                take(next);
            }
            Map<TopicPartition, Long> positions = new HashMap<>();
            consumer.assignment().forEach(partition -> positions.put(partition, consumer.position(partition)));
            progress.advance(byPartition(positions));
        } catch (WakeupException e) {
            if (closing) {
                throw e;
            }
        } catch (RetriableException e) {
            LOG.warn("the table of {} cannot be read now; it goes on trying", topic, e);
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        if (record.key() == null) {
            return;
        }
        String key = new String(record.key(), StandardCharsets.UTF_8);
        try {
            read.apply(record).ifPresentOrElse(row -> rows.put(key, row), () -> rows.remove(key));
        } catch (MalformedRecordException e) {
            LOG.warn("{}-{}@{} is passed over: {}", topic, record.partition(), record.offset(), e.getMessage());
        }
    }

    private static Map<Integer, Long> byPartition(Map<TopicPartition, Long> offsets) {
        Map<Integer, Long> byPartition = new HashMap<>();
        offsets.forEach((partition, offset) -> byPartition.put(partition.partition(), offset));
        return byPartition;
    }

    /** Ends the thread and waits for it. */
    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
