package io.kinora.benchmarks;

import io.kinora.benchmarks.ServiceGauge.Reading;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.exchange.KinoraClient;
import io.kinora.kafka.follow.TopicSurvey;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.AnswerSettings;
import io.kinora.kafka.record.AnsweredClip;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipPayload;
import io.kinora.kafka.record.StandingQuestion;
import io.kinora.kafka.record.Subscription;
import io.kinora.kafka.topic.Topic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Clips that come faster than the model answers: {@code kinora serve} in a process of its own, a question that stands, and a stream of numbered clips. Prints
 * how the lag grows and drains and what memory does meanwhile, and ends with 1 unless every clip has one answer, in order.
 *
 * <p>Arguments: clips (default 1000), and how many a second (default 20).
 */
public final class Backlog {
    private static final int DEFAULT_CLIPS = 1000;
    private static final int DEFAULT_RATE = 20;
    private static final int SHADES = 200;
    private static final int FRAMES = 16;
    private static final int TOKENS = 64;
    private static final Duration EVERY = Duration.ofSeconds(10);

    private Backlog() {}

    /** Runs it; the folder that it works in is deleted at the end. */
    public static void main(String[] arguments) throws Exception {
        int clips = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_CLIPS;
        int rate = arguments.length > 1 ? Integer.parseInt(arguments[1]) : DEFAULT_RATE;
        Path folder = Files.createTempDirectory("kinora-backlog-");
        boolean whole;
        try (ServedKinora service = ServedKinora.start(
                folder, "kinora { encoder.cache-size = 16 MiB, language-model.cache-size = 64 MiB }")) {
            whole = run(service, clips, rate);
        } finally {
            QuestionsOnAClip.delete(folder);
        }
        System.exit(whole ? 0 : 1);
    }

    private static boolean run(ServedKinora service, int clips, int rate) throws Exception {
        try (ServiceGauge gauge = ServiceGauge.attach(service.pid());
                KinoraClient kafka = new KinoraClient(service.clients(), "/kinora/backlog");
                TopicSurvey survey = new TopicSurvey(service.clients())) {
            kafka.subscribe(Subscription.of(
                    "what",
                    "cam",
                    StandingQuestion.of(
                            "What happens?", FRAMES, AnswerSettings.of(7).withMaxNewTokens(TOKENS))));
            System.out.println("| s | clips sent | lag | resident | native | heap | direct | threads | descriptors |");
            System.out.println("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
            List<byte[]> shades = new ArrayList<>();
            for (int shade = 0; shade < SHADES; shade++) {
                shades.add(SoakTraffic.clip(shade));
            }
            long begun = System.nanoTime();
            long next = begun;
            int sent = 0;
            long lag = 1;
            while (sent < clips || lag > 0) {
                long now = System.nanoTime();
                int due = (int) Math.min(clips, (now - begun) * rate / 1_000_000_000L + 1);
                for (; sent < due; sent++) {
                    kafka.publish(clip(sent, shades.get(sent % SHADES)));
                }
                if (now >= next) {
                    next += EVERY.toNanos();
                    lag = lag(survey, service.clients());
                    print((now - begun) / 1e9, sent, lag, gauge.read());
                }
                TimeUnit.MILLISECONDS.sleep(10);
            }
            List<String> answered = answered(service.clients());
            List<String> expected =
                    IntStream.range(0, clips).mapToObj(Backlog::name).toList();
            boolean whole = answered.equals(expected);
            System.out.printf(
                    "%n%d clips, %d answers, %s%n",
                    clips, answered.size(), whole ? "one each, in order" : "NOT one each in order");
            return whole;
        }
    }

    private static String name(int number) {
        return "clip-%05d".formatted(number);
    }

    private static Clip clip(int number, byte[] bytes) {
        return new Clip(
                name(number), "cam", Optional.of("video/mp4"), new ClipPayload.Inline(Blob.wrap(bytes)), Instant.now());
    }

    private static long lag(TopicSurvey survey, KafkaClients clients) {
        String topic = clients.settings().topics().name(Topic.CLIPS);
        return survey.look().stream()
                .filter(state -> state.name().equals(topic))
                .flatMap(state -> state.lag().values().stream())
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
    }

    /** Clips of the answers that a reader of committed records sees, in the order of the topic. */
    private static List<String> answered(KafkaClients clients) {
        String topic = clients.settings().topics().name(Topic.ANSWERS);
        RecordDecoder decoder = new RecordDecoder();
        List<String> found = new ArrayList<>();
        try (Consumer<byte[], byte[]> consumer = clients.consumer("backlog", Map.of())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            consumer.endOffsets(partitions).forEach((partition, end) -> {
                while (consumer.position(partition) < end) {
                    StreamSupport.stream(consumer.poll(Duration.ofMillis(200)).spliterator(), false)
                            .map(record -> decoder.answer(record).body())
                            .filter(answer -> answer.error().isEmpty())
                            .flatMap(answer -> clip(answer).stream())
                            .forEach(found::add);
                }
            });
        }
        return found;
    }

    private static Optional<String> clip(Answer answer) {
        return answer.clip().map(AnsweredClip::clipId);
    }

    private static void print(double seconds, int sent, long lag, Reading reading) {
        System.out.printf(
                Locale.ROOT,
                "| %.0f | %d | %d | %.0f | %.1f | %.1f | %.2f | %d | %d |%n",
                seconds,
                sent,
                lag,
                reading.resident(),
                reading.outside(),
                reading.heap(),
                reading.direct(),
                reading.threads(),
                reading.descriptors());
    }
}
