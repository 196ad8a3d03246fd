package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.client.KafkaSettings;
import io.kinora.kafka.exchange.KinoraClient;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipPayload;
import io.kinora.kafka.topic.Topic;
import io.kinora.service.cli.KinoraCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page, used by {@code tools/browser/page.mjs} as a person would, where {@code -Dkinora.browser=yes} asks for it: it takes Node, its packages, Chromium, and a
 * machine with time to spare. Otherwise there is no test of it, and a line says so. What the person saw stays in {@code target/pictures-of-the-page}.
 */
@Tag("slow")
class PageInABrowserTest {
    private static final Path CHROMIUM =
            Path.of(Optional.ofNullable(System.getenv("CHROMIUM")).orElse("/usr/bin/chromium"));

    private static final Path PICTURES = ClientProgram.project().resolve("service/target/pictures-of-the-page");

    @TempDir
    private Path folder;

    @TestFactory
    Stream<DynamicTest> aPersonAsksStandsMakesPlaysRemixesCancelsAndDrops() throws Exception {
        ClientProgram person = ClientProgram.browser();
        if (!System.getProperty("kinora.browser", "no").equals("yes")) {
            System.out.println("The page in a browser is not tested: -Dkinora.browser=yes asks for it");
            return Stream.empty();
        }
        assertThat(CHROMIUM).isExecutable();
        assertThat(person.hindrance()).isEmpty();
        Path clips = folder.resolve("clips");
        assertThat(KinoraCommand.run("shapes", clips.toString(), "--clips", "3"))
                .isZero();
        ClientProgram.Ended ended;
        try (FreshKinora kinora = FreshKinora.ofShapes(folder);
                Cameras cameras = new Cameras(kinora.cluster().settings(), clips)) {
            cameras.sendsNoQuestion();
            ended = person.run(List.of(
                    kinora.face().address(),
                    clips.resolve("clip-01.mp4").toString(),
                    Files.createDirectories(PICTURES).toString()));
            cameras.requireThatTheySend();
        }
        System.out.printf("%s was run:%n%s", person.name(), ended.output());
        return Stream.of(DynamicTest.dynamicTest(
                person.name(),
                () -> assertThat(ended.status()).as(ended.output()).isZero()));
    }

    /** Cameras, a clip each: one sends its clip again every few seconds, the others once. */
    private static final class Cameras implements AutoCloseable {
        private static final long PAUSE_SECONDS = 5;

        private final KafkaClients clients;
        private final KinoraClient client;
        private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        private final ScheduledFuture<?> again;

        Cameras(KafkaSettings settings, Path clips) throws IOException {
            clients = new KafkaClients(settings);
            client = new KinoraClient(clients, "/kinora/tests");
            byte[] first = Files.readAllBytes(clips.resolve("clip-01.mp4"));
            for (int camera = 2; camera <= 3; camera++) {
                send("camera-" + camera, "clip-1", Files.readAllBytes(clips.resolve("clip-0%d.mp4".formatted(camera))));
            }
            AtomicInteger sent = new AtomicInteger();
            again = clock.scheduleWithFixedDelay(
                    () -> send("camera-1", "clip-" + sent.incrementAndGet(), first),
                    0,
                    PAUSE_SECONDS,
                    TimeUnit.SECONDS);
        }

        private void send(String camera, String clip, byte[] bytes) {
            client.publish(new Clip(
                    clip, camera, Optional.of("video/mp4"), new ClipPayload.Inline(Blob.wrap(bytes)), Instant.now()));
        }

        /** Puts a record that is no question where questions belong. */
        void sendsNoQuestion() throws Exception {
            try (Producer<byte[], byte[]> producer = clients.producer("tests")) {
                producer.send(new ProducerRecord<>(
                                clients.settings().topics().name(Topic.QUESTIONS),
                                "camera-1".getBytes(StandardCharsets.UTF_8),
                                "{\"text\"".getBytes(StandardCharsets.UTF_8)))
                        .get();
            }
        }

        void requireThatTheySend() {
            assertThat(again.isDone()).as("a camera has stopped").isFalse();
        }

        @Override
        public void close() throws InterruptedException {
            clock.shutdownNow();
            assertThat(clock.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
            client.close();
        }
    }
}
