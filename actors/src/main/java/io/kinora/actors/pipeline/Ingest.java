package io.kinora.actors.pipeline;

import io.kinora.kafka.TransientBrokerException;
import io.kinora.kafka.claim.ClaimCheckStore;
import io.kinora.kafka.claim.ClipPayloads;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.client.KafkaSettings;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.headers.TraceContext;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.Clip;
import io.kinora.video.ClipFetchException;
import io.kinora.video.CutClip;
import io.kinora.video.CutSettings;
import io.kinora.video.LiveAddress;
import io.kinora.video.LiveClips;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts a source into clips and writes them to a topic: one thread reads, the caller's writes, and between them wait so few clips that memory is bounded
 * whatever the source brings.
 *
 * <p>Blocks. {@link #stop} may be called from any thread; everything else is for one.
 */
public final class Ingest {
    private static final Logger LOG = LoggerFactory.getLogger(Ingest.class);
    private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    /**
     * What is done with a source.
     *
     * @param topic that the clips go to
     * @param stream their key
     * @param cut how they are cut
     * @param recordedAt the time of a recording's first frame; empty for the moment at which it is read
     * @param waiting clips between reading and writing, 1 to 1,000
     * @param dropOldest whether the oldest of these goes when there is no more room; else the source waits
     * @param reconnect whether a live source that broke off is connected to again
     * @param paced whether a recording takes the time it took
     */
    public record Settings(
            String topic,
            String stream,
            CutSettings cut,
            Optional<Instant> recordedAt,
            int waiting,
            boolean dropOldest,
            boolean reconnect,
            boolean paced) {
        /** Checks the ranges. */
        public Settings {
            if (waiting < 1 || waiting > 1_000) {
                throw new IllegalArgumentException("waiting is %d clips, allowed are 1 to 1000".formatted(waiting));
            }
        }
    }

    /**
     * What was done.
     *
     * @param clips on the topic
     * @param bytes of these
     * @param dropped clips that found no room
     * @param lostFrames frames that are in no clip
     * @param connections to the source
     */
    public record Report(long clips, long bytes, long dropped, long lostFrames, int connections) {}

    private final Settings settings;
    private final LiveAddress address;
    private final RecordEncoder encoder;
    private final ClipPayloads payloads;
    private final KafkaClients clients;
    private final Clock clock;

    // Between the two threads, guarded by this.
    private final Deque<CutClip> ready = new ArrayDeque<>();
    private boolean ended;
    private boolean stopped;
    private Optional<RuntimeException> failure = Optional.empty();
    private long dropped;
    private long lostFrames;
    private int connections;

    // The caller's thread's.
    private long clips;
    private long bytes;

    /** @param source name of the program in the events it writes */
    public Ingest(KafkaClients clients, String source, LiveAddress address, Settings settings, Clock clock) {
        this.clients = clients;
        this.address = address;
        this.settings = settings;
        this.clock = clock;
        KafkaSettings kafka = clients.settings();
        this.encoder = new RecordEncoder(kafka.topics(), source);
        this.payloads = new ClipPayloads(
                ClaimCheckStore.inFolder(
                        kafka.claimCheck().folder(), kafka.claimCheck().maxSize()),
                kafka.claimCheck().inlineUpTo());
    }

    /**
     * Writes until the source ends or {@link #stop} is called.
     *
     * @param heard is told how far it is, after each clip
     * @throws io.kinora.video.VideoException if the source cannot be read, and trying again makes no sense
     * @throws TransientBrokerException if the cluster does not take a clip
     */
    public Report run(Consumer<Report> heard) {
        Thread reader = new Thread(this::read, "ingest " + address.shown());
        reader.setDaemon(true);
        reader.start();
        try (Producer<byte[], byte[]> producer = clients.producer("ingest")) {
            for (Optional<CutClip> next = take(); next.isPresent(); next = take()) {
                write(producer, next.get());
                heard.accept(report());
            }
        } finally {
            stop();
        }
        synchronized (this) {
            failure.ifPresent(cause -> {
                throw cause;
            });
        }
        return report();
    }

    /** Reads no more; what is cut is still written. */
    public synchronized void stop() {
        stopped = true;
        notifyAll();
    }

    private synchronized boolean goesOn() {
        return !stopped;
    }

    private synchronized Report report() {
        return new Report(clips, bytes, dropped, lostFrames, connections);
    }

    /** The next clip, once there is one; empty at the end. */
    private synchronized Optional<CutClip> take() {
        while (ready.isEmpty() && !ended) {
            await(Duration.ofSeconds(1));
        }
        Optional<CutClip> next = Optional.ofNullable(ready.poll());
        notifyAll();
        return next;
    }

    private void write(Producer<byte[], byte[]> producer, CutClip cut) {
        // Where key frames are far apart, clips may begin with the same one.
        String id = "%s-%d-%d"
                .formatted(
                        settings.stream(),
                        cut.at().toEpochMilli(),
                        cut.duration().toMillis());
        Clip clip = new Clip(
                id,
                settings.stream(),
                Optional.of(cut.mediaType()),
                payloads.pack(Blob.wrap(cut.bytes()), cut.mediaType()),
                cut.at());
        ProducerRecord<byte[], byte[]> record = encoder.clip(clip, TraceContext.NONE);
        try {
            producer.send(new ProducerRecord<>(settings.topic(), null, record.key(), record.value(), record.headers()))
                    .get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientBrokerException("interrupted while a clip was written", e);
        } catch (ExecutionException e) {
            throw new TransientBrokerException("%s could not be written to".formatted(settings.topic()), e.getCause());
        }
        clips++;
        bytes += cut.bytes().length;
    }

    /** The reading thread. */
    private void read() {
        Duration wait = FIRST_WAIT;
        try {
            while (goesOn()) {
                try {
                    readUntilItEnds();
                    wait = FIRST_WAIT;
                    if (!address.isLive() || !settings.reconnect()) {
                        return;
                    }
                    LOG.warn("{} has ended; connecting again", address.shown());
                } catch (ClipFetchException e) {
                    if (!e.mayPass() || !settings.reconnect()) {
                        throw e;
                    }
                    LOG.warn("{}; connecting again in {} s", e.getMessage(), wait.toSeconds());
                }
                pause(wait);
                wait = wait.multipliedBy(2).compareTo(LONGEST_WAIT) < 0 ? wait.multipliedBy(2) : LONGEST_WAIT;
            }
        } catch (RuntimeException e) {
            synchronized (this) {
                failure = Optional.of(e);
            }
        } finally {
            synchronized (this) {
                ended = true;
                notifyAll();
            }
        }
    }

    private void readUntilItEnds() {
        try (LiveClips source = LiveClips.open(address, settings.cut(), clock, settings.recordedAt())) {
            synchronized (this) {
                connections++;
            }
            Optional<Instant> first = Optional.empty();
            long begun = System.nanoTime();
            try {
                for (Optional<CutClip> next = source.next(); next.isPresent() && goesOn(); next = source.next()) {
                    CutClip clip = next.get();
                    first = first.or(() -> Optional.of(clip.at()));
                    if (settings.paced()) {
                        Duration due = Duration.between(first.get(), clip.at()).plus(clip.duration());
                        pause(due.minusNanos(System.nanoTime() - begun));
                    }
                    put(clip);
                }
            } catch (ClipFetchException e) {
                source.rest().ifPresent(this::put);
                throw e;
            } finally {
                synchronized (this) {
                    lostFrames += source.lostFrames();
                }
            }
        }
    }

    private synchronized void put(CutClip clip) {
        while (ready.size() >= settings.waiting() && !settings.dropOldest() && !stopped) {
            await(Duration.ofSeconds(1));
        }
        if (ready.size() >= settings.waiting()) {
            ready.remove();
            dropped++;
        }
        ready.add(clip);
        notifyAll();
    }

    private synchronized void pause(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (!stopped && System.nanoTime() < end) {
            await(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
        }
    }

    /** Waits for a notification, or so long at most. */
    private synchronized void await(Duration most) {
        try {
            TimeUnit.NANOSECONDS.timedWait(this, most.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientBrokerException("interrupted while clips were cut", e);
        }
    }
}
