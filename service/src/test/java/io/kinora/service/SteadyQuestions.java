package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.exchange.KinoraClient;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.AnswerSettings;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipPayload;
import io.kinora.kafka.record.ClipTarget;
import io.kinora.kafka.record.Question;
import io.kinora.kafka.record.TokenAlternative;
import io.kinora.kafka.topic.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Asks over Kafka all the time, a few questions at once, and collects the answers as a {@code read_committed} reader sees them. The same few questions are
 * asked again and again under ids of their own, so that later answers can be held against the first ones.
 */
final class SteadyQuestions implements AutoCloseable {
    private static final int STREAMS = 3;
    private static final int KINDS = 5;
    private static final int AT_ONCE = 2;
    private static final int TOKENS = 16;
    private static final int SCORES = 5;
    /** So often one is asked, that the machine has time for what happens meanwhile. */
    private static final Duration EVERY = Duration.ofMillis(200);

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final KinoraClient client;
    private final Consumer<byte[], byte[]> reader;
    private final RecordDecoder decoder = new RecordDecoder();
    private final List<String> asked = new ArrayList<>();
    private final Map<String, List<Answer>> answered = new LinkedHashMap<>();
    private final CompletableFuture<Void> asking;
    private boolean ended;
    private boolean abandoned;

    private SteadyQuestions(KinoraClient client, Consumer<byte[], byte[]> reader) {
        this.client = client;
        this.reader = reader;
        this.asking = CompletableFuture.runAsync(this::run, task -> new Thread(task, "steady questions").start());
    }

    /** Sends the clips that are asked about and begins to ask. */
    static SteadyQuestions begin(KafkaClients clients) {
        String topic = clients.settings().topics().name(Topic.ANSWERS);
        Consumer<byte[], byte[]> reader = clients.consumer("steady-questions", Map.of());
        List<TopicPartition> partitions = reader.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        reader.assign(partitions);
        reader.seekToBeginning(partitions);
        KinoraClient client = new KinoraClient(clients, "/kinora/steady");
        IntStream.range(0, STREAMS)
                .mapToObj(number -> new Clip(
                        "clip-" + number,
                        stream(number),
                        Optional.of("video/mp4"),
                        new ClipPayload.Inline(Blob.wrap(GreyClip.file(30 * number))),
                        Instant.now()))
                .forEach(client::publish);
        return new SteadyQuestions(client, reader);
    }

    private static String stream(int kind) {
        return "cam" + kind % STREAMS;
    }

    private void run() {
        while (isUnderWay()) {
            askNext();
            long next = System.nanoTime() + EVERY.toNanos();
            do {
                listen();
            } while (System.nanoTime() < next);
        }
    }

    private synchronized boolean isUnderWay() {
        return !abandoned && (!ended || !answered.keySet().containsAll(asked));
    }

    private synchronized void askNext() {
        if (!ended && asked.size() - answered.size() < AT_ONCE) {
            int kind = asked.size() % KINDS;
            String id = "steady-" + asked.size();
            asked.add(id);
            client.publish(
                    new Question(
                            id,
                            "What moves %d times?".formatted(kind),
                            new ClipTarget.LatestOf(stream(kind)),
                            Question.DEFAULT_FRAMES,
                            AnswerSettings.of(kind)
                                    .withTemperature(1)
                                    .withMaxNewTokens(TOKENS)
                                    .withTopLogprobs(SCORES),
                            0,
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty()),
                    stream(kind));
        }
    }

    private void listen() {
        for (ConsumerRecord<byte[], byte[]> record : reader.poll(EVERY.dividedBy(2))) {
            Answer answer = decoder.answer(record).body();
            synchronized (this) {
                if (asked.contains(answer.questionId())) {
                    answered.computeIfAbsent(answer.questionId(), id -> new ArrayList<>())
                            .add(answer);
                    notifyAll();
                }
            }
        }
    }

    /** Waits until each of the questions has been answered once more. */
    synchronized void awaitAllKinds() throws InterruptedException {
        int wanted = answered.size() + KINDS;
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (answered.size() < wanted) {
            assertThat(asking).isNotDone();
            assertThat(System.nanoTime())
                    .as("%d of %d questions are answered", answered.size(), asked.size())
                    .isLessThan(end);
            wait(TimeUnit.SECONDS.toMillis(1));
        }
    }

    /** Asks no more, and asserts that every question has one answer, which is what the first answer to the same question was. */
    void assertAnsweredOnceAndAsEver() throws Exception {
        synchronized (this) {
            ended = true;
        }
        asking.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        Map<TopicPartition, Long> ends = reader.endOffsets(reader.assignment());
        while (ends.entrySet().stream().anyMatch(end -> reader.position(end.getKey()) < end.getValue())) {
            listen();
        }
        assertThat(answered.values())
                .allSatisfy(answers -> assertThat(answers).hasSize(1))
                .allSatisfy(answers -> assertThat(answers.get(0).error()).isEmpty());
        List<List<DrawnToken>> drawn = asked.stream().map(this::tokens).toList();
        List<List<DrawnToken>> first = drawn.subList(0, KINDS);
        assertThat(first.stream().map(DrawnToken::texts)).doesNotHaveDuplicates();
        List<List<DrawnToken>> expected = IntStream.range(0, drawn.size())
                .mapToObj(number -> first.get(number % KINDS))
                .toList();
        DrawnToken.assertSame(expected, drawn, 2 + drawn.size() / 50);
    }

    private List<DrawnToken> tokens(String question) {
        return answered.get(question).get(0).logprobs().orElseThrow().stream()
                .map(token -> new DrawnToken(
                        token.bytes().toString(),
                        token.topLogprobs().stream()
                                .map(TokenAlternative::logprob)
                                .toList()))
                .toList();
    }

    @Override
    public void close() {
        synchronized (this) {
            abandoned = true;
        }
        asking.handle((done, failure) -> failure == null).join(); // whoever waited for it has heard of a failure
        reader.close();
        client.close();
    }
}
