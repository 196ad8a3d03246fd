package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.testing.SharedBroker;
import io.kinora.kafka.topic.Topic;
import io.kinora.service.cli.KinoraCommand;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What commands that work on a cluster say where there is none, and about what it does not have. */
@ExtendWith(SharedBroker.class)
class ClusterCommandsTest {
    @RegisterExtension
    final Printed printed = new Printed();

    @TempDir
    Path folder;

    @Tag("slow")
    @Test
    void whereNothingListensACommandSaysSoAndWhatToDo() throws IOException {
        String nowhere = "127.0.0.1:" + portWithoutListener();
        assertThat(KinoraCommand.run("session", "list", "--bootstrap-servers", nowhere))
                .isEqualTo(4);
        assertThat(printed.err()).contains("no broker answers at " + nowhere, "'kinora serve'", "--bootstrap-servers");
    }

    @Test
    void aJobThatNobodyKnowsIsNeitherCancelledNorDeleted(KafkaClients clients) throws IOException {
        clients.provisionTopics();
        String config = Files.writeString(
                        folder.resolve("kinora.conf"),
                        "kinora.kafka { bootstrap-servers = \"%s\", topics.jobs.name = \"%s\" }"
                                .formatted(
                                        clients.settings().bootstrapServers().orElseThrow(),
                                        clients.settings().topics().name(Topic.JOBS)))
                .toString();
        assertThat(KinoraCommand.run("jobs", "cancel", "no-such-job", "--config", config))
                .isEqualTo(3);
        assertThat(KinoraCommand.run("jobs", "delete", "no-such-job", "--config", config))
                .isEqualTo(3);
        assertThat(printed.err()).contains("no job 'no-such-job' is known");
    }

    private static int portWithoutListener() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
