package io.kinora.kafka.transaction;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.typesafe.config.ConfigFactory;
import io.kinora.kafka.TransientBrokerException;
import io.kinora.kafka.broker.BrokerSettings;
import io.kinora.kafka.broker.EmbeddedBroker;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.client.KafkaSettings;
import io.kinora.kafka.testing.TopicReader;
import io.kinora.kafka.topic.Topic;
import io.kinora.kafka.topic.TopicProvisioner;
import io.kinora.kafka.transaction.LossyLink.Loss;
import io.kinora.kafka.transaction.Transaction.Consumed;
import io.kinora.kafka.transaction.TransactionalWriter.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commits whose request or reply the network loses: the writer finds out what became of them. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LostReplyTest {
    private final ServerSocket listener;
    private final EmbeddedBroker broker;
    private final LossyLink link;
    private final KafkaClients clients;
    private final String answers;
    private final TopicPartition questions;

    LostReplyTest(@TempDir Path folder) throws IOException {
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        String address = "127.0.0.1:" + listener.getLocalPort();
        this.broker = EmbeddedBroker.start(new BrokerSettings(
                folder,
                BrokerSettings.DEFAULT_HOST,
                OptionalInt.empty(),
                BrokerSettings.DEFAULT_MAX_MESSAGE_BYTES,
                Map.of("advertised.listeners", "PLAINTEXT://" + address)));
        this.link = new LossyLink(listener, broker.port());
        this.clients = new KafkaClients(KafkaSettings.from(
                ConfigFactory.parseString("""
                        kinora.kafka { bootstrap-servers = "%s", request-timeout = 6 s, delivery-timeout = 12 s }""".formatted(address)).withFallback(ConfigFactory.defaultReference())));
        this.answers = clients.settings().topics().name(Topic.ANSWERS);
        this.questions = new TopicPartition(clients.settings().topics().name(Topic.QUESTIONS), 0);
    }

    @BeforeAll
    void provision() {
        try (Admin admin = clients.admin()) {
            new TopicProvisioner(admin, Duration.ofSeconds(20))
                    .provision(clients.settings().topics());
        }
    }

    @AfterAll
    void close() throws IOException {
        broker.close();
        link.close();
    }

    @Test
    void aCommitWhoseReplyIsLostIsFoundToHaveTakenEffect() {
        Transaction transaction = answer("reply", 5);
        try (TransactionalWriter writer = TransactionalWriter.open(clients, "reply")) {
            writer.commit(answer("reply", 4));
            link.loseNext(LossyLink.END_TRANSACTION, Loss.REPLY);
            assertThat(writer.commit(transaction)).isEqualTo(Outcome.COMMITTED);
            assertThat(link.isDone()).isTrue();
            assertThat(writer.commit(answer("reply", 6))).isEqualTo(Outcome.COMMITTED);
        }
        assertThat(new TopicReader(clients).values(answers, "reply")).containsExactly("4", "5", "6");
    }

    @Test
    void aCommitThatNeverArrivedIsFoundNotToHaveTakenEffectAndSucceedsWhenTriedAgain() {
        Transaction transaction = answer("request", 5);
        try (TransactionalWriter writer = TransactionalWriter.open(clients, "request")) {
            writer.commit(answer("request", 4));
            link.loseNext(LossyLink.END_TRANSACTION, Loss.REQUEST);
            assertThatExceptionOfType(TransientBrokerException.class)
                    .isThrownBy(() -> writer.commit(transaction))
                    .withMessageContaining("it did not take effect");
            assertThat(link.isDone()).isTrue();
            assertThat(writer.commit(transaction)).isEqualTo(Outcome.COMMITTED);
        }
        assertThat(new TopicReader(clients).values(answers, "request")).containsExactly("4", "5");
    }

    private Transaction answer(String name, long offset) {
        ProducerRecord<byte[], byte[]> answer = new ProducerRecord<>(
                answers, name.getBytes(UTF_8), Long.toString(offset).getBytes(UTF_8));
        return Transaction.of(List.of(answer)).consuming(Consumed.upTo(name, questions, offset));
    }
}
