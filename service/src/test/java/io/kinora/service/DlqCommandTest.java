package io.kinora.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.headers.DeadLetter;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.testing.SharedBroker;
import io.kinora.kafka.testing.TopicReader;
import io.kinora.kafka.topic.Topic;
import io.kinora.service.cli.KinoraCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SharedBroker.class)
class DlqCommandTest {
    @TempDir
    Path folder;

    @RegisterExtension
    final Printed printed = new Printed();

    @Test
    void lettersAreListedShownSentBackAndDropped(KafkaClients clients) throws Exception {
        clients.provisionTopics();
        String config = Files.writeString(folder.resolve("kinora.conf"), config(clients))
                .toString();
        String input = clients.settings().topics().name(Topic.CLIPS);
        for (int i = 0; i < 3; i++) {
            die(clients, input, i);
        }

        List<String> lines =
                run(0, "list", "--input", "clips", "--config", config).lines().toList();
        assertThat(lines).hasSize(3).allMatch(line -> line.contains("clip.unreadable") && line.contains("cam1"));
        assertThat(run(0, "list", "--code", "other", "--config", config)).isEmpty();
        String place = "kafka://" + input + ".dlq/0/0";
        Path bytes = folder.resolve("bytes");
        assertThat(run(0, "show", place, "-o", bytes.toString(), "--json", "--config", config))
                .contains("\"code\" : \"clip.unreadable\"")
                .contains("it is no video");
        assertThat(bytes).hasContent("clip 0");

        assertThat(run(0, "redrive", place, "--config", config)).isEqualTo(place + " is now kafka://" + input + "/0/0");
        assertThat(run(3, "redrive", place, "--config", config)).isEmpty();
        assertThat(printed.err()).contains("is decided");
        assertThat(run(0, "drop", "kafka://" + input + ".dlq/0/1", "--config", config))
                .endsWith("is dropped");
        assertThat(run(0, "redrive", "--all", "--config", config).lines()).hasSize(1);
        assertThat(run(0, "list", "--config", config)).isEmpty();
        assertThat(run(0, "list", "--decided", "--json", "--config", config).lines())
                .hasSize(3);
        assertThat(new TopicReader(clients).values(input, "cam1")).containsExactly("clip 0", "clip 2");

        assertThat(run(3, "redrive", "--config", config)).isEmpty();
        assertThat(run(3, "show", "kafka://" + input + "/0/0", "--config", config))
                .as("a place that is on no dead-letter topic")
                .isEmpty();
        assertThat(run(3, "list", "--since", "yesterday", "--config", config)).isEmpty();
        assertThat(printed.err()).contains("PT2H");
    }

    private static String config(KafkaClients clients) {
        StringBuilder config = new StringBuilder("kinora.kafka.bootstrap-servers = \"%s\"%n"
                .formatted(clients.settings().bootstrapServers().orElseThrow()));
        List<Topic> inputs =
                Arrays.stream(Topic.values()).filter(Topic::isInput).toList();
        for (Topic topic : inputs) {
            config.append("kinora.kafka.topics.%s.name = \"%s\"%n"
                    .formatted(
                            topic.name().toLowerCase(Locale.ROOT),
                            clients.settings().topics().name(topic)));
        }
        return config.toString();
    }

    private static void die(KafkaClients clients, String input, int number) throws Exception {
        ConsumerRecord<byte[], byte[]> clip =
                new ConsumerRecord<>(input, 0, number, "cam1".getBytes(UTF_8), ("clip " + number).getBytes(UTF_8));
        DeadLetter letter = DeadLetter.of("clip.unreadable", new IllegalStateException("it is no video"), "decode", 1);
        RecordEncoder encoder = new RecordEncoder(clients.settings().topics(), "/kinora/test");
        try (Producer<byte[], byte[]> producer = clients.producer("test")) {
            producer.send(encoder.deadLetter(clip, letter)).get();
        }
    }

    private String run(int status, String... arguments) {
        printed.forgetOut();
        List<String> all = new ArrayList<>(List.of("dlq"));
        all.addAll(List.of(arguments));
        assertThat(KinoraCommand.run(all.toArray(String[]::new)))
                .as(printed.err())
                .isEqualTo(status);
        return printed.out()
                .lines()
                .filter(line -> !line.contains(" WARN ")) // the log of tests goes there, too
                .collect(Collectors.joining("\n"));
    }
}
