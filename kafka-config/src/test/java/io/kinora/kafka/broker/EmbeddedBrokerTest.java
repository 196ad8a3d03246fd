package io.kinora.kafka.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.testing.SharedBroker;
import io.kinora.kafka.testing.TopicReader;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class EmbeddedBrokerTest {
    private static final String TOPIC = "kept";

    @TempDir
    private Path folder;

    @Test
    void whatWasWrittenIsThereAfterACleanRestartOnAnotherPort() throws Exception {
        int port;
        try (EmbeddedBroker broker = EmbeddedBroker.start(BrokerSettings.in(folder))) {
            port = broker.port();
            createTopic(broker, TOPIC);
            send(broker, TOPIC, "before");
            assertThat(nodes(broker)).extracting(Node::host).containsExactly("127.0.0.1");
        }
        assertThat(folder.resolve("data").resolve(".kafka_cleanshutdown"))
                .as("the mark that the next start needs no recovery")
                .exists();
        int other = freePort();
        try (EmbeddedBroker broker =
                EmbeddedBroker.start(BrokerSettings.in(folder).withPort(other))) {
            assertThat(broker.port()).isEqualTo(other).isNotEqualTo(port);
            assertThat(broker.bootstrapServers()).isEqualTo("127.0.0.1:" + other);
            send(broker, TOPIC, "after");
            assertThat(values(broker, TOPIC)).containsExactly("before", "after");
            assertThatExceptionOfType(BrokerFolderInUseException.class)
                    .isThrownBy(() -> EmbeddedBroker.start(BrokerSettings.in(folder)))
                    .withMessageContaining(folder.toString())
                    .withMessageContaining("another broker of this process");
            Path elsewhere = folder.resolve("elsewhere");
            assertThatExceptionOfType(BrokerException.class)
                    .isThrownBy(() ->
                            EmbeddedBroker.start(BrokerSettings.in(elsewhere).withPort(other)))
                    .withMessageContaining("port " + other + " of 127.0.0.1 cannot be listened on");
            assertThatExceptionOfType(KafkaException.class)
                    .as("topics are never created by being used")
                    .isThrownBy(() -> send(broker, "not-declared", "lost"));
            assertThat(topics(broker)).doesNotContain("not-declared");
        }
    }

    @Test
    @Tag("slow")
    void whatWasAcknowledgedIsThereOnceAfterAKill() throws Exception {
        int last;
        try (BrokerProcess process = BrokerProcess.start(folder)) {
            process.acknowledged(1);
            assertThatExceptionOfType(BrokerFolderInUseException.class)
                    .isThrownBy(() -> EmbeddedBroker.start(BrokerSettings.in(folder)))
                    .withMessageContaining("in use by the broker of process " + process.pid());
            last = process.acknowledged(200);
            process.kill();
        }
        try (EmbeddedBroker broker = EmbeddedBroker.start(BrokerSettings.in(folder))) {
            List<String> values = values(broker, BrokerProcess.TOPIC);
            List<String> acknowledged = Stream.iterate(0, i -> i + 1)
                    .limit(last + 1L)
                    .map(i -> Integer.toString(i))
                    .toList();
            assertThat(values).startsWith(acknowledged.toArray(String[]::new)).doesNotHaveDuplicates();
            send(broker, BrokerProcess.TOPIC, "and goes on");
            assertThat(values(broker, BrokerProcess.TOPIC)).endsWith("and goes on");
        }
    }

    @Test
    void aFolderThatIsAFileIsRefusedByName() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatExceptionOfType(BrokerException.class)
                .isThrownBy(() -> EmbeddedBroker.start(BrokerSettings.in(file)))
                .withMessageContaining(file.toString());
    }

    @Test
    void aFolderThatHoldsSomethingElseUnderKafkasNamesIsRefusedAndLetGo() throws Exception {
        Path data = Files.createDirectories(folder.resolve("data"));
        Files.writeString(data.resolve("meta.properties"), "node.id=7\nversion=1\n");
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThatExceptionOfType(BrokerException.class)
                    .isThrownBy(() -> EmbeddedBroker.start(BrokerSettings.in(folder)))
                    .withMessageContaining(folder.toString());
        }
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static Map<String, Object> client(EmbeddedBroker broker) {
        return Map.of("bootstrap.servers", broker.bootstrapServers(), "max.block.ms", "2000");
    }

    private static void createTopic(EmbeddedBroker broker, String topic) throws Exception {
        try (Admin admin = Admin.create(client(broker))) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        }
    }

    private static Collection<Node> nodes(EmbeddedBroker broker) throws Exception {
        try (Admin admin = Admin.create(client(broker))) {
            return admin.describeCluster().nodes().get();
        }
    }

    private static Set<String> topics(EmbeddedBroker broker) throws Exception {
        try (Admin admin = Admin.create(client(broker))) {
            return admin.listTopics().names().get();
        }
    }

    private static void send(EmbeddedBroker broker, String topic, String value) {
        try (Producer<byte[], byte[]> producer =
                new KafkaProducer<>(client(broker), new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic, value.getBytes(UTF_8))).get();
        } catch (ExecutionException e) {
            throw (KafkaException) e.getCause();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> values(EmbeddedBroker broker, String topic) {
        TopicReader reader =
                new TopicReader(new KafkaClients(SharedBroker.settings(broker.bootstrapServers(), "broker-test")));
        return reader.all(topic).stream()
                .map(next -> new String(next.value(), UTF_8))
                .toList();
    }
}
