package io.kinora.actors.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.kinora.actors.UntrainedModel;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.exchange.KinoraClient;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.headers.TraceContext;
import io.kinora.kafka.job.JobStates;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.GeneratedVideo;
import io.kinora.kafka.record.GenerationSettings;
import io.kinora.kafka.record.JobOrder;
import io.kinora.kafka.record.JobState;
import io.kinora.kafka.record.JobState.Status;
import io.kinora.kafka.record.ModelIdentity;
import io.kinora.kafka.record.Prompt;
import io.kinora.kafka.testing.SharedBroker;
import io.kinora.kafka.testing.TopicReader;
import io.kinora.kafka.topic.Topic;
import io.kinora.kafka.transaction.TransactionalWriter;
import io.kinora.video.EncodeSettings;
import io.kinora.video.Rational;
import io.kinora.video.RgbFrame;
import io.kinora.video.StillImage;
import io.kinora.video.VideoEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Jobs as records on a real broker: their states, their one end, and what comes of them when their node dies. */
@Tag("slow")
@ExtendWith(SharedBroker.class)
class JobsOverKafkaTest {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final int LONG = 200;

    @TempDir
    Path folder;

    private final RecordDecoder decoder = new RecordDecoder();

    @Test
    void aJobHasManyStatesAndOneEndAndOutlivesItsNode(KafkaClients clients) throws Exception {
        UntrainedModel model = UntrainedModel.in(folder);
        Watch watch = new Watch(clients);
        try (KinoraClient client = new KinoraClient(clients, "/kinora/test");
                Pipelines pipelines = start(model, clients)) {
            runsThroughItsStates(clients, client);
            isTheSameJobUnderTheSameId(clients, watch);
            startsFromAClip(clients, watch);
            isCancelledAndForgotten(clients, watch);
            isLate(clients, watch);
            tenantsTakeTurns(clients, watch);
            outlivesAStrangersFence(clients, watch);

            send(clients, generate("survivor", LONG));
            await(watch, "survivor", state -> state.status() == Status.RUNNING);
            send(clients, generate("waiting", 2));
            await(watch, "waiting", state -> true);
            model.close(); // the node is gone in the middle of the job
        }
        try (watch;
                UntrainedModel again = UntrainedModel.in(folder);
                Pipelines pipelines = start(again, clients)) {
            await(watch, "survivor", state -> state.status() == Status.SUCCEEDED);
            await(watch, "waiting", state -> state.status() == Status.SUCCEEDED);
            for (String job : List.of("first", "fenced", "survivor", "waiting")) {
                assertThat(videos(clients, job)).as("videos of " + job).hasSize(1);
                assertThat(ends(clients, job)).as("ends of " + job).containsExactly(Status.SUCCEEDED);
            }
        }
    }

    private void runsThroughItsStates(KafkaClients clients, KinoraClient client) {
        List<JobState> states = new ArrayList<>();
        Optional<GeneratedVideo> video = client.render(generate("first", 24), states::add, PATIENCE);
        assertThat(states.get(0).status()).isEqualTo(Status.QUEUED);
        assertThat(states).anyMatch(state -> state.status() == Status.RUNNING);
        assertThat(states.stream().flatMap(state -> state.progress().stream()))
                .as("progress shows what it is going to look like")
                .anyMatch(progress -> progress.preview().isPresent());
        JobState last = states.get(states.size() - 1);
        assertThat(last.status()).isEqualTo(Status.SUCCEEDED);
        assertThat(last.expiresAt()).isPresent();
        assertThat(last.request()).isEqualTo(generate("first", 24));
        assertThat(video.orElseThrow().provenance().steps()).isEqualTo(24);
        ConsumerRecord<byte[], byte[]> record = videos(clients, "first").get(0);
        assertThat(last.result()).hasValue(new ClipReference(record.topic(), record.partition(), record.offset()));
    }

    /** Another node that takes itself for the owner, while this one still is it. */
    private void outlivesAStrangersFence(KafkaClients clients, Watch watch) throws Exception {
        String prompts = name(clients, Topic.PROMPTS);
        int partitions;
        try (Admin admin = clients.admin()) {
            partitions = admin.describeTopics(List.of(prompts))
                    .allTopicNames()
                    .get()
                    .get(prompts)
                    .partitions()
                    .size();
        }
        for (int partition = 0; partition < partitions; partition++) {
            TransactionalWriter.open(clients, clients.transactionalId("prompts", prompts, partition))
                    .close();
        }
        send(clients, generate("fenced", 2));
        await(watch, "fenced", state -> state.status() == Status.SUCCEEDED);
    }

    private void isTheSameJobUnderTheSameId(KafkaClients clients, Watch watch) {
        send(clients, generate("first", 24));
        send(clients, generate("first", 25));
        String letters = clients.settings().topics().deadLetterName(name(clients, Topic.PROMPTS));
        watch.until(() -> new TopicReader(clients).records(letters, "first").size() == 1);
        ConsumerRecord<byte[], byte[]> letter =
                new TopicReader(clients).records(letters, "first").get(0);
        assertThat(text(letter.value())).contains("25");
        assertThat(text(letter.headers()
                        .lastHeader("__connect.errors.exception.message")
                        .value()))
                .contains("job first exists");
        assertThat(videos(clients, "first")).hasSize(1);
    }

    private void startsFromAClip(KafkaClients clients, Watch watch) {
        raw(clients, Topic.CLIPS, Optional.empty(), "camera-1", clip());
        raw(
                clients,
                Topic.PROMPTS,
                Optional.empty(),
                "again",
                bytes("{\"stream\": \"camera-1\", \"frames\": 8, \"width\": 64, \"height\": 48, \"steps\": 2}"));
        await(watch, "again", state -> state.status() == Status.SUCCEEDED);
        GeneratedVideo video = decoder.video(videos(clients, "again").get(0)).body();
        assertThat(video.provenance().source().orElseThrow().topic()).isEqualTo(name(clients, Topic.CLIPS));
        assertThat(video.provenance().frames()).isEqualTo(8);
        ProducerRecord<byte[], byte[]> picture = new ProducerRecord<>(
                name(clients, Topic.CLIPS),
                bytes("pictures"),
                StillImage.png(RgbFrame.of(32, 32, new byte[32 * 32 * 3])));
        picture.headers().add("content-type", bytes("image/png"));
        write(clients, picture);
        raw(
                clients,
                Topic.PROMPTS,
                Optional.empty(),
                "moved",
                bytes("{\"stream\": \"pictures\", \"frames\": 8, \"width\": 64, \"height\": 48, \"steps\": 2}"));
        await(watch, "moved", state -> state.status() == Status.SUCCEEDED);
        raw(clients, Topic.PROMPTS, Optional.empty(), "nowhere", bytes("{\"clip\": \"no such clip\"}"));
        JobState failed = await(watch, "nowhere", state -> state.status() == Status.FAILED);
        assertThat(failed.error().orElseThrow().code()).isEqualTo("clip.unknown");
    }

    /** Written to a partition that is not the job's, as clients that spread keys another way do. */
    private void isCancelledAndForgotten(KafkaClients clients, Watch watch) {
        for (int partition = 0; partition < 2; partition++) {
            String job = "elsewhere-" + partition;
            raw(
                    clients,
                    Topic.PROMPTS,
                    Optional.of(partition),
                    job,
                    bytes("{\"prompt\": \"a\", \"frames\": 8, \"width\": 64, \"height\": 48, \"steps\": 200}"));
            await(watch, job, state -> state.status() == Status.RUNNING);
            raw(clients, Topic.PROMPTS, Optional.of(partition), job, bytes("{\"action\": \"cancel\"}"));
            await(watch, job, state -> state.status() == Status.CANCELLED);
            raw(clients, Topic.PROMPTS, Optional.of(partition), job, bytes("{\"action\": \"delete\"}"));
            watch.until(() -> watch.forgotten.contains(job));
            assertThat(JobStates.read(clients, decoder)).doesNotContainKey(job);
            assertThat(videos(clients, job)).isEmpty();
        }
    }

    private void isLate(KafkaClients clients, Watch watch) {
        Prompt.Generate wanted = generate("late", 2);
        send(
                clients,
                new Prompt.Generate(
                        "late",
                        wanted.text(),
                        "",
                        Optional.empty(),
                        wanted.settings(),
                        new JobOrder("default", 0, Optional.of(Instant.EPOCH))));
        JobState late = await(watch, "late", state -> state.status() == Status.FAILED);
        assertThat(late.error().orElseThrow().code()).isEqualTo("late");
    }

    private void tenantsTakeTurns(KafkaClients clients, Watch watch) {
        send(clients, generate("blocking", 60));
        await(watch, "blocking", state -> state.status() == Status.RUNNING);
        IntStream.range(0, 6).forEach(i -> send(clients, of("greedy", 100, "greedy-" + i)));
        send(clients, of("modest", 0, "modest-0"));
        send(clients, of("modest", 5, "modest-1"));
        List<String> all = new ArrayList<>(List.of("modest-0", "modest-1"));
        IntStream.range(0, 6).forEach(i -> all.add("greedy-" + i));
        all.forEach(job -> await(watch, job, state -> state.status() == Status.SUCCEEDED));
        List<String> order = all.stream()
                .sorted((a, b) -> updated(watch, a).compareTo(updated(watch, b)))
                .toList();
        assertThat(order.indexOf("modest-0")).as("place in %s", order).isLessThanOrEqualTo(5);
        assertThat(order.indexOf("modest-1"))
                .as("its higher priority in %s", order)
                .isLessThan(order.indexOf("modest-0"));
    }

    private static Instant updated(Watch watch, String job) {
        return watch.state(job).orElseThrow().updatedAt();
    }

    private static Prompt.Generate of(String tenant, int priority, String job) {
        Prompt.Generate plain = generate(job, 2);
        return new Prompt.Generate(
                job, "x", "", Optional.empty(), plain.settings(), new JobOrder(tenant, priority, Optional.empty()));
    }

    private static Prompt.Generate generate(String job, int steps) {
        return Prompt.Generate.of(
                job,
                "a red ball",
                GenerationSettings.withSeed(7).withFrames(8, 64, 48).withSteps(steps));
    }

    private Pipelines start(UntrainedModel model, KafkaClients clients) {
        return Pipelines.start(
                model.kit().system(),
                clients.settings(),
                "/kinora/test",
                new ModelIdentity("untrained", model.hosts().card().revision(), true),
                model.hosts().answers(),
                model.hosts().renders(),
                4,
                JobSettings.from(ConfigFactory.load()),
                model.metrics());
    }

    private static JobState await(Watch watch, String job, Predicate<JobState> wanted) {
        watch.until(() -> watch.state(job).filter(wanted).isPresent());
        return watch.state(job).orElseThrow();
    }

    /** Follows the states of all jobs with one reader. */
    private static final class Watch implements AutoCloseable {
        private final RecordDecoder decoder = new RecordDecoder();
        private final Consumer<byte[], byte[]> consumer;
        private final List<JobState> states = new ArrayList<>();
        private final Set<String> forgotten = new HashSet<>();

        Watch(KafkaClients clients) {
            consumer = clients.consumer("watch", Map.of());
            String topic = name(clients, Topic.JOBS);
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
        }

        /** The last state that a job had. */
        Optional<JobState> state(String job) {
            return states.stream().filter(state -> state.jobId().equals(job)).reduce((earlier, later) -> later);
        }

        void until(BooleanSupplier condition) {
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (!condition.getAsBoolean()) {
                assertThat(System.nanoTime()).as("it did not come in time").isLessThan(end);
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    decoder.jobState(record)
                            .ifPresentOrElse(
                                    event -> states.add(event.body()), () -> forgotten.add(text(record.key())));
                }
            }
        }

        @Override
        public void close() {
            consumer.close();
        }
    }

    private List<Status> ends(KafkaClients clients, String job) {
        return new TopicReader(clients)
                .records(name(clients, Topic.JOBS), job).stream()
                        .flatMap(record -> decoder.jobState(record).stream())
                        .map(event -> event.body().status())
                        .filter(Status::isFinal)
                        .toList();
    }

    private static List<ConsumerRecord<byte[], byte[]>> videos(KafkaClients clients, String job) {
        return new TopicReader(clients).records(name(clients, Topic.VIDEOS), job);
    }

    private static void send(KafkaClients clients, Prompt prompt) {
        try (Producer<byte[], byte[]> producer = clients.producer("test")) {
            var sent = producer.send(
                    new RecordEncoder(clients.settings().topics(), "/kinora/test").prompt(prompt, TraceContext.NONE));
            assertThat(sent).isNotNull();
        }
    }

    private static void raw(KafkaClients clients, Topic topic, Optional<Integer> partition, String key, byte[] value) {
        write(clients, new ProducerRecord<>(name(clients, topic), partition.orElse(null), bytes(key), value));
    }

    private static void write(KafkaClients clients, ProducerRecord<byte[], byte[]> record) {
        try (Producer<byte[], byte[]> producer = clients.producer("test")) {
            var sent = producer.send(record);
            assertThat(sent).isNotNull();
        }
    }

    private static String name(KafkaClients clients, Topic topic) {
        return clients.settings().topics().name(topic);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] clip() {
        List<RgbFrame> frames = new ArrayList<>();
        IntStream.range(0, 12).forEach(i -> {
            byte[] pixels = new byte[64 * 48 * 3];
            Arrays.fill(pixels, (byte) (10 * i));
            frames.add(RgbFrame.of(64, 48, pixels));
        });
        return VideoEncoder.encode(frames, EncodeSettings.mp4(Rational.of(12, 1)));
    }
}
