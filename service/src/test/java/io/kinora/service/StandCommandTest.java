package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.testing.SharedBroker;
import io.kinora.kafka.topic.Topic;
import io.kinora.service.cli.KinoraCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SharedBroker.class)
class StandCommandTest {
    @TempDir
    Path folder;

    @RegisterExtension
    final Printed printed = new Printed();

    @Test
    void aQuestionStandsIsChangedPausedAndDeleted(KafkaClients clients) throws IOException {
        clients.provisionTopics();
        Path config = Files.writeString(
                folder.resolve("kinora.conf"),
                "kinora.kafka { bootstrap-servers = \"%s\", topics.subscriptions.name = \"%s\" }"
                        .formatted(
                                clients.settings().bootstrapServers().orElseThrow(),
                                clients.settings().topics().name(Topic.SUBSCRIPTIONS)));
        assertThat(run(config, "set", "gate", "Is it open?", "--streams", "cam*", "--choices", "yes,no"))
                .isEqualTo("gate stands");
        String since = listed(config).get(0).get("since").asText();
        assertThat(run(
                        config,
                        "set",
                        "gate",
                        "Is it open?",
                        "--choices",
                        "yes,no",
                        "--alert",
                        "yes",
                        "--threshold",
                        "0.7",
                        "--schedule",
                        "mon,fri 22:00-06:00",
                        "--schedule",
                        "12:00-13:00",
                        "--zone",
                        "Europe/Berlin",
                        "--when-behind",
                        "one-of-5",
                        "--late-after",
                        "30"))
                .isEqualTo("changed gate");
        assertThat(run(config, "pause", "gate")).isEqualTo("paused gate");

        JsonNode gate = listed(config).get(0);
        assertThat(gate.get("since").asText()).as("asked since the first time").isEqualTo(since);
        assertThat(gate.get("state").asText()).isEqualTo("paused");
        assertThat(gate.get("alert").get("threshold").asDouble()).isEqualTo(0.7);
        assertThat(gate.get("schedule"))
                .hasToString("{\"zone\":\"Europe/Berlin\",\"windows\":["
                        + "{\"days\":[\"mon\",\"fri\"],\"from\":\"22:00\",\"to\":\"06:00\"},"
                        + "{\"from\":\"12:00\",\"to\":\"13:00\"}]}");
        assertThat(gate.get("whenBehind")).hasToString("{\"policy\":\"one-of-n\",\"oneOf\":5,\"after\":30.0}");
        assertThat(run(config, "resume", "gate")).isEqualTo("resumed gate");
        assertThat(run(config, "list")).matches("gate +active +\\* +Is it open\\?");
        assertThat(run(config, "delete", "gate")).isEqualTo("deleted gate");
        assertThat(listed(config)).isEmpty();
        assertThat(KinoraCommand.run("stand", "pause", "gate", "--config", config.toString()))
                .isEqualTo(3);
        assertThat(printed.err()).contains("no question 'gate' stands");
    }

    @Test
    void whatNoClusterWouldTakeIsRefusedBeforeOneIsAsked() {
        assertThat(KinoraCommand.run("stand", "set", "gate", "Is it open?", "--choices", "yes,no", "--alert", "maybe"))
                .isEqualTo(3);
        assertThat(printed.err()).contains("maybe").contains("[yes, no]");
        assertThat(KinoraCommand.run("stand", "set", "gate", "Is it open?", "--schedule", "daily"))
                .isEqualTo(3);
        assertThat(KinoraCommand.run("stand", "set", "gate", "Is it open?", "--when-behind", "give-up"))
                .isEqualTo(3);
        assertThat(printed.err()).contains("mon,fri").contains("skip-to-latest");
    }

    private JsonNode listed(Path config) throws IOException {
        return new ObjectMapper().readTree(run(config, "list", "--json"));
    }

    private String run(Path config, String... arguments) {
        printed.forgetOut();
        List<String> all = new ArrayList<>(List.of("stand"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--config", config.toString()));
        assertThat(KinoraCommand.run(all.toArray(String[]::new)))
                .as(printed.err())
                .isZero();
        return printed.out().strip();
    }
}
