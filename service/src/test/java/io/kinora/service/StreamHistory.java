package io.kinora.service;

import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.headers.TraceContext;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipPayload;
import io.kinora.kafka.record.StandingQuestion;
import io.kinora.kafka.record.Subscription;
import io.kinora.kafka.testing.TopicReader;
import io.kinora.kafka.topic.Topic;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * What was written, acknowledged, and when: numbered clips of three streams, two questions that stand from the beginning, and in each round one more that is
 * deleted again.
 */
final class StreamHistory implements AutoCloseable {
    private static final List<String> STREAMS = List.of("cam0", "cam1", "cam2");
    private static final List<String> ALWAYS = List.of("gate", "door");
    /** Longest time between the last look at the table of questions and the end of the commit, on a machine that is busy. */
    private static final Duration A_COMMIT = Duration.ofSeconds(2);

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /**
     * What must not be.
     *
     * @param lost clips that were acknowledged and have no answer to a question that stood all the time
     * @param doubled answers that a reader sees twice
     * @param phantom answers about clips that were never sent
     * @param reordered answers of a stream and question that come in another order than their clips lie on the topic
     * @param stale answers of a deleted question about clips that were sent after its tombstone was acknowledged, or written later than that by more than
     *     a commit takes
     * @param failed answers that say an error
     */
    record Violations(
            List<String> lost,
            List<String> doubled,
            List<String> phantom,
            List<String> reordered,
            List<String> stale,
            List<String> failed) {
        static final Violations NONE = new Violations(List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
    }

    private final KafkaClients clients;
    private final RandomGenerator random;
    private final RecordEncoder encoder;
    private final RecordDecoder decoder = new RecordDecoder();
    private final Producer<byte[], byte[]> producer;
    private final Map<String, Instant> sent = new TreeMap<>();
    private final List<String> acknowledged = new ArrayList<>();
    private final Map<String, Instant> deleted = new TreeMap<>();
    private int clips;

    StreamHistory(KafkaClients clients, RandomGenerator random) {
        this.clients = clients;
        this.random = random;
        this.encoder = new RecordEncoder(clients.settings().topics(), "/kinora/checker");
        this.producer = clients.producer("checker");
    }

    void begin() {
        ALWAYS.forEach(this::stand);
    }

    private void stand(String id) {
        send(encoder.subscription(
                Subscription.of(id, "cam*", StandingQuestion.of("Is the " + id + " open?", List.of("yes", "no"))),
                TraceContext.NONE));
    }

    /** Writes clips as long as the fault lasts, and some more; in the middle a question comes and goes. */
    void writeWhile(Runnable fault) throws Exception {
        String passing = "passing" + deleted.size();
        stand(passing);
        Thread nemesis = new Thread(fault, "nemesis");
        List<Throwable> failures = new ArrayList<>();
        nemesis.setUncaughtExceptionHandler((thread, failure) -> failures.add(failure));
        nemesis.start();
        for (int i = 0; i < 8 || nemesis.isAlive(); i++) {
            clip();
            if (i == 3) {
                send(encoder.subscriptionEnd(passing));
                deleted.put(passing, Instant.now());
            }
            TimeUnit.MILLISECONDS.sleep(100 + random.nextInt(300));
        }
        nemesis.join();
        if (!failures.isEmpty()) {
            throw new IllegalStateException("the nemesis failed", failures.get(0));
        }
    }

    private void clip() throws IOException {
        String id = "clip-%04d".formatted(clips++);
        String stream = STREAMS.get(random.nextInt(STREAMS.size()));
        Instant at = Instant.now();
        sent.put(id, at);
        ProducerRecord<byte[], byte[]> record = encoder.clip(
                new Clip(id, stream, Optional.of("video/mp4"), new ClipPayload.Inline(Blob.wrap(sample())), at),
                TraceContext.NONE);
        if (isAcknowledged(record)) {
            acknowledged.add(id);
        }
    }

    /** The same for all: an answer's id follows from its clip's place. */
    private static byte[] sample() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(StreamHistory.class.getResourceAsStream("/samples/red-circle.mp4"))) {
            return in.readAllBytes();
        }
    }

    /** Sends what may be there twice until it is acknowledged. */
    private void send(ProducerRecord<byte[], byte[]> record) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!isAcknowledged(record)) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("not acknowledged within %s".formatted(PATIENCE));
            }
        }
    }

    /** Sends it once; what the producer gives up may be there or not. */
    private boolean isAcknowledged(ProducerRecord<byte[], byte[]> record) {
        try {
            producer.send(record).get();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TimeoutException) {
                return false;
            }
            throw new KafkaException("refused", e.getCause());
        }
    }

    /** Waits until every acknowledged clip has its answers, or for three minutes, and looks at all that a reader sees. */
    Violations check() throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        Violations found = look();
        while (!found.lost().isEmpty() && System.nanoTime() < end) {
            TimeUnit.SECONDS.sleep(1);
            found = look();
        }
        return found;
    }

    private Violations look() {
        String topic = clients.settings().topics().name(Topic.ANSWERS);
        Map<String, Integer> times = new TreeMap<>();
        Map<String, Long> lastPlace = new HashMap<>();
        List<String> phantom = new ArrayList<>();
        List<String> reordered = new ArrayList<>();
        List<String> stale = new ArrayList<>();
        List<String> failed = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : new TopicReader(clients).all(topic)) {
            Answer answer = decoder.answer(record).body();
            String question = answer.subscription().orElseThrow().id();
            if (answer.clip().isEmpty()) {
                failed.add(question + ": " + answer.error());
                continue;
            }
            String clip = answer.clip().get().clipId();
            String name = question + "/" + clip;
            times.merge(name, 1, Integer::sum);
            answer.error().ifPresent(error -> failed.add(name + ": " + error));
            if (!sent.containsKey(clip)) {
                phantom.add(name);
            }
            long place = answer.clip().get().reference().offset();
            Long before = lastPlace.put(question + "/" + answer.stream(), place);
            if (before != null && before > place) {
                reordered.add(name);
            }
            Optional.ofNullable(deleted.get(question)).ifPresent(gone -> {
                boolean tooLate = Instant.ofEpochMilli(record.timestamp()).isAfter(gone.plus(A_COMMIT));
                if (tooLate
                        || Optional.ofNullable(sent.get(clip))
                                .filter(at -> at.isAfter(gone))
                                .isPresent()) {
                    stale.add(name);
                }
            });
        }
        List<String> lost = acknowledged.stream()
                .flatMap(clip -> ALWAYS.stream().map(question -> question + "/" + clip))
                .filter(name -> !times.containsKey(name))
                .toList();
        List<String> doubled = times.entrySet().stream()
                .filter(entry -> entry.getValue() > 1)
                .map(Map.Entry::getKey)
                .toList();
        return new Violations(lost, doubled, phantom, reordered, stale, failed);
    }

    @Override
    public String toString() {
        return "%d clips sent, %d acknowledged, %d questions deleted"
                .formatted(sent.size(), acknowledged.size(), deleted.size());
    }

    @Override
    public void close() {
        producer.close();
    }
}
