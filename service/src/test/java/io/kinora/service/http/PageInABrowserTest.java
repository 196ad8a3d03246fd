package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.exchange.KinoraClient;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipPayload;
import io.kinora.kafka.topic.Topic;
import io.kinora.service.KinoraNode;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page, used by {@code tools/browser/page.mjs} as a person would, where {@code -Dkinora.browser=yes} asks for it: it takes Node, its packages, Chromium, and a
 * machine with time to spare. Otherwise there is no test of it, and a line says so.
 */
@Tag("slow")
class PageInABrowserTest {
    private static final Path CHROMIUM =
            Path.of(Optional.ofNullable(System.getenv("CHROMIUM")).orElse("/usr/bin/chromium"));

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
        ClientProgram.Ended ended;
        try (FreshKinora kinora = FreshKinora.ofClips(folder)) {
            ended = person.run(List.of(kinora.face().address(), somethingToSee(kinora)));
        }
        System.out.printf("%s was run:%n%s", person.name(), ended.output());
        return Stream.of(DynamicTest.dynamicTest(
                person.name(),
                () -> assertThat(ended.status()).as(ended.output()).isZero()));
    }

    /** Puts a clip and a record that is no question on the topics; returns the clip's file. */
    private String somethingToSee(FreshKinora kinora) throws Exception {
        KafkaClients clients = new KafkaClients(kinora.cluster().settings());
        byte[] clip;
        try (InputStream sample =
                Objects.requireNonNull(KinoraNode.class.getResourceAsStream("/samples/red-circle.mp4"))) {
            clip = sample.readAllBytes();
        }
        try (KinoraClient client = new KinoraClient(clients, "/kinora/tests");
                Producer<byte[], byte[]> producer = clients.producer("tests")) {
            client.publish(new Clip(
                    "clip-1",
                    "camera-1",
                    Optional.of("video/mp4"),
                    new ClipPayload.Inline(Blob.wrap(clip)),
                    Instant.now()));
            producer.send(new ProducerRecord<>(
                            clients.settings().topics().name(Topic.QUESTIONS),
                            "camera-1".getBytes(StandardCharsets.UTF_8),
                            "{\"text\"".getBytes(StandardCharsets.UTF_8)))
                    .get();
        }
        return Files.write(folder.resolve("clip.mp4"), clip).toString();
    }
}
