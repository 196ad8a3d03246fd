package io.kinora.kafka.follow;

import io.kinora.kafka.client.KafkaClients;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a topic by a thread of its own, outside any consumer group, and goes on as it grows. Committed records only. Thread-safe. */
final class Follower implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Follower.class);
    private static final Duration POLL = Duration.ofMillis(100);

    private final String topic;
    private final OptionalLong newest;
    private final java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> take;
    private final Consumer<byte[], byte[]> consumer;
    /**
     * Asks where the topic ends, behind what is not visible yet: a transaction whose writer has been told that it is committed is seen a moment later. A
     * broker answers a connection in order, and would first let the other one wait for records.
     */
    private final Consumer<byte[], byte[]> ends;

    private final Progress progress = new Progress();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    /** Whether the thread looks for those who ask before it waits for records again. */
    private final AtomicBoolean woken = new AtomicBoolean(true);

    private final Thread thread;
    private volatile boolean closing;

    /**
     * Not started yet.
     *
     * @param newest how many of each partition's records are read at first, from its end; empty for all of them
     * @param take is given each record, by the thread that reads
     */
    Follower(
            KafkaClients clients,
            String topic,
            OptionalLong newest,
            java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> take) {
        this.topic = topic;
        this.newest = newest;
        this.take = take;
        this.consumer = clients.consumer("table", Map.of(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest"));
        this.ends = clients.consumer(
                "table-ends",
                Map.of(
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        IsolationLevel.READ_UNCOMMITTED.toString().toLowerCase(Locale.ROOT)));
        this.thread = new Thread(this::run, "kinora-follower-" + topic);
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /**
     * Completes when all that the topic held at the moment of the call has been read, and every transaction on it that was open then has ended. Fails when the
     * follower ends before.
     */
    CompletionStage<Void> whenCaughtUp() {
        CompletionStage<Void> done = progress.whenCaughtUp();
        if (woken.compareAndSet(false, true)) {
            consumer.wakeup();
        }
        return done;
    }

    /** Completes when the follower was closed; fails when it ended by itself. */
    CompletionStage<Void> whenEnded() {
        return ended.minimalCompletionStage();
    }

    private void run() {
        try (consumer;
                ends) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            ends.assign(partitions);
            begin(partitions);
            while (!closing) {
                step();
            }
            end(new IllegalStateException("the follower of %s was closed".formatted(topic)));
        } catch (WakeupException | InterruptException e) {
            end(new IllegalStateException("the follower of %s was closed".formatted(topic), e));
        } catch (RuntimeException e) {
            LOG.error("the follower of {} ended", topic, e);
            progress.fail(e);
            ended.completeExceptionally(e);
        }
    }

    private void begin(List<TopicPartition> partitions) {
        if (newest.isEmpty()) {
            consumer.seekToBeginning(partitions);
            return;
        }
        Map<TopicPartition, Long> first = consumer.beginningOffsets(partitions);
        consumer.endOffsets(partitions)
                .forEach((partition, end) ->
                        consumer.seek(partition, Math.max(first.get(partition), end - newest.getAsLong())));
    }

    private void end(IllegalStateException closed) {
        progress.fail(closed);
        ended.complete(null);
    }

    private void step() {
        try {
            int askers = progress.askers();
            if (askers > 0) {
                progress.end(askers, byPartition(ends.endOffsets(consumer.assignment())));
            }
            woken.set(false);
            Duration wait = progress.askers() > 0 ? Duration.ZERO : POLL;
            for (ConsumerRecord<byte[], byte[]> next : consumer.poll(wait)) {
                take.accept(next);
            }
            Map<TopicPartition, Long> positions = new HashMap<>();
            consumer.assignment().forEach(partition -> positions.put(partition, consumer.position(partition)));
            progress.advance(byPartition(positions));
        } catch (WakeupException e) {
            if (closing) {
                throw e;
            }
        } catch (RetriableException e) {
            LOG.warn("{} cannot be followed now; it is tried again", topic, e);
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
        ends.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
