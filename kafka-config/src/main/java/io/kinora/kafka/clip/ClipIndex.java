package io.kinora.kafka.clip;

import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.client.KafkaSettings.ClipIndexSettings;
import io.kinora.kafka.follow.Progress;
import io.kinora.kafka.headers.Event;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.ClipTarget;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the clips topic holds, by stream and by id: read from the beginning by a thread of its own, outside any consumer
 * group, and kept within bounds. It knows how far it has read, so a caller can wait until what was written before some
 * moment is known: a question that arrives right behind its clip then finds it.
 *
 * <p>Thread-safe.
 */
public final class ClipIndex implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClipIndex.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration NEW_PARTITIONS_AFTER = Duration.ofSeconds(30);

    private final String topic;
    private final Consumer<byte[], byte[]> consumer;
    private final ClipIndexSettings settings;
    private final RecordDecoder decoder;
    private final Clock clock;
    private final RecentClips clips;
    private final Progress progress = new Progress();
    private final Thread thread;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private Instant refreshPartitionsAt = Instant.MIN;
    private volatile boolean closing;

    private ClipIndex(KafkaClients clients, String topic, RecordDecoder decoder, Clock clock) {
        this.topic = topic;
        this.settings = clients.settings().clipIndex();
        this.decoder = decoder;
        this.clock = clock;
        this.clips = new RecentClips(settings.clipsPerStream(), settings.maxStreams());
        this.consumer = clients.consumer("clip-index", Map.of(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest"));
        this.thread = new Thread(this::run, "kinora-clip-index");
        this.thread.setDaemon(true);
    }

    /** Starts to read a topic; returns at once. */
    public static ClipIndex start(KafkaClients clients, String topic, RecordDecoder decoder, Clock clock) {
        ClipIndex index = new ClipIndex(clients, topic, decoder, clock);
        index.thread.start();
        return index;
    }

    /** The newest clip of a stream. */
    public Optional<IndexedClip> latest(String stream) {
        return clips.latest(stream);
    }

    /** The clip with this id, if it is among the newest of its stream. */
    public Optional<IndexedClip> withId(String clipId) {
        return clips.withId(clipId);
    }

    /** A stream's clips, newest first. */
    public List<IndexedClip> recent(String stream) {
        return clips.recent(stream);
    }

    /** The streams known, the most recently active last. */
    public List<String> streams() {
        return clips.streams();
    }

    /** The place of the clip a question means; empty when the index knows none. A reference is its own answer. */
    public Optional<ClipReference> resolve(ClipTarget target) {
        if (target instanceof ClipTarget.At at) {
            return Optional.of(at.reference());
        }
        if (target instanceof ClipTarget.WithId withId) {
            return withId(withId.clipId()).map(IndexedClip::reference);
        }
        if (target instanceof ClipTarget.LatestOf latest) {
            return latest(latest.stream()).map(IndexedClip::reference);
        }
        String name = ((ClipTarget.Named) target).clipOrStream();
        return withId(name).or(() -> latest(name)).map(IndexedClip::reference);
    }

    /**
     * Completes when every record below this offset of the partition has been read. Fails when the index ends before.
     */
    public CompletionStage<Void> whenRead(int partition, long endOffset) {
        return progress.whenAt(Map.of(partition, endOffset));
    }

    /**
     * Completes when all that the topic held at the moment of the call has been read. Fails when the index ends before.
     */
    public CompletionStage<Void> whenCaughtUp() {
        return progress.whenCaughtUp();
    }

    /** The next offset to be read of each partition. */
    public Map<Integer, Long> position() {
        return progress.position();
    }

    /** Completes when the index was closed; fails when it ended by itself, and then answers from what it knew. */
    public CompletionStage<Void> whenEnded() {
        return ended.minimalCompletionStage();
    }

    private void run() {
        try (consumer) {
            while (!closing) {
                step();
            }
            progress.fail(new IllegalStateException("the clip index of %s was closed".formatted(topic)));
            ended.complete(null);
        } catch (WakeupException | InterruptException e) {
            progress.fail(new IllegalStateException("the clip index of %s was closed".formatted(topic), e));
            ended.complete(null);
        } catch (RuntimeException e) {
            LOG.error("the clip index of {} ended", topic, e);
            progress.fail(e);
            ended.completeExceptionally(e);
        }
    }

    private void step() {
        try {
            if (!clock.instant().isBefore(refreshPartitionsAt)) {
                assignPartitions();
                refreshPartitionsAt = clock.instant().plus(NEW_PARTITIONS_AFTER);
            }
            int askers = progress.askers();
            if (askers > 0) {
                progress.end(askers, byPartition(consumer.endOffsets(consumer.assignment())));
            }
            for (ConsumerRecord<byte[], byte[]> next : consumer.poll(POLL)) {
                index(next);
            }
            publishPosition();
        } catch (RetriableException e) {
            // The client has waited for the cluster already; what was asked is asked again.
            LOG.warn("the clip index of {} cannot read now, and goes on trying", topic, e);
        }
    }

    /** Goes on where it is in partitions it has, and starts at the beginning, or at the lookback, in new ones. */
    private void assignPartitions() {
        Set<TopicPartition> before = consumer.assignment();
        Set<TopicPartition> all = new HashSet<>();
        consumer.partitionsFor(topic).forEach(info -> all.add(new TopicPartition(topic, info.partition())));
        if (all.isEmpty()) {
            throw new IllegalStateException("topic %s does not exist".formatted(topic));
        }
        if (all.equals(before)) {
            return;
        }
        consumer.assign(all);
        Set<TopicPartition> fresh = new HashSet<>(all);
        fresh.removeAll(before);
        consumer.seekToBeginning(fresh);
        settings.lookback().ifPresent(lookback -> seekBack(fresh, lookback));
        publishPosition();
    }

    private void seekBack(Set<TopicPartition> partitions, Duration lookback) {
        Map<TopicPartition, Long> times = new HashMap<>();
        long from = clock.instant().minus(lookback).toEpochMilli();
        partitions.forEach(partition -> times.put(partition, Math.max(0, from)));
        Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times);
        for (TopicPartition partition : partitions) {
            OffsetAndTimestamp first = found.get(partition);
            if (first == null) {
                consumer.seekToEnd(Set.of(partition));
            } else {
                consumer.seek(partition, first.offset());
            }
        }
    }

    private void publishPosition() {
        Map<TopicPartition, Long> positions = new HashMap<>();
        for (TopicPartition partition : consumer.assignment()) {
            positions.put(partition, consumer.position(partition));
        }
        progress.advance(byPartition(positions));
    }

    private static Map<Integer, Long> byPartition(Map<TopicPartition, Long> offsets) {
        Map<Integer, Long> byPartition = new HashMap<>();
        offsets.forEach((partition, offset) -> byPartition.put(partition.partition(), offset));
        return byPartition;
    }

    private void index(ConsumerRecord<byte[], byte[]> kafka) {
        try {
            Event<Clip> event = decoder.clip(kafka);
            Clip clip = event.body();
            clips.add(new IndexedClip(
                    event.place(),
                    clip.id(),
                    clip.stream(),
                    clip.mediaType(),
                    clip.payload().size(),
                    clip.at()));
        } catch (MalformedRecordException e) {
            // The stream that answers reads the same record and sends it to the dead letters; here it is just no clip.
            LOG.debug("{}-{}@{} is no clip", kafka.topic(), kafka.partition(), kafka.offset(), e);
        }
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
