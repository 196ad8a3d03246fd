package io.kinora.kafka.client;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.ActorSystem;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kinora.kafka.topic.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KafkaClientsTest {
    private static final String DESERIALIZER = "org.apache.kafka.common.serialization.ByteArrayDeserializer";
    private static final String SERIALIZER = "org.apache.kafka.common.serialization.ByteArraySerializer";

    @TempDir
    private Path secrets;

    @Test
    void consumersReadCommittedRecordsNeverCommitAndTakeTheLargestRecord() {
        KafkaClients clients = clients("");
        ConsumerConfig config = consumer(clients);
        assertThat(config.getString(ConsumerConfig.ISOLATION_LEVEL_CONFIG)).isEqualTo("read_committed");
        assertThat(config.getBoolean(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG)).isFalse();
        assertThat(config.getBoolean(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG))
                .isFalse();
        assertThat(config.getInt(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG))
                .isEqualTo(clients.settings().topics().largestMessageBytes());
        assertThat(config.getString(ConsumerConfig.CLIENT_ID_CONFIG)).isEqualTo("kinora-role");
    }

    @Test
    void producersAreIdempotentWaitForAllAndTakeTheLargestRecord() {
        KafkaClients clients = clients("");
        ProducerConfig config = producer(clients);
        assertThat(config.getBoolean(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG)).isTrue();
        assertThat(config.getString(ProducerConfig.ACKS_CONFIG)).isEqualTo("-1");
        assertThat(config.getInt(ProducerConfig.MAX_REQUEST_SIZE_CONFIG))
                .isEqualTo(clients.settings().topics().largestMessageBytes())
                .isGreaterThan(clients.settings().topics().spec(Topic.CLIPS).maxMessageBytes());
        assertThat(config.getInt(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG)).isEqualTo(30_000);
        assertThat(config.getInt(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG)).isEqualTo(90_000);
    }

    @Test
    void propertiesOfOneKindWinOverThoseOfAllAndReachOnlyTheirKind() {
        KafkaClients clients = clients("""
                properties { client.rack = r, reconnect.backoff.ms = 11 }
                consumer.properties { reconnect.backoff.ms = 22, max.poll.records = 3 }
                producer.properties { linger.ms = 44 }
                admin.properties { retries = 55 }
                """);
        assertThat(consumer(clients).getLong("reconnect.backoff.ms")).isEqualTo(22);
        assertThat(consumer(clients).getInt("max.poll.records")).isEqualTo(3);
        assertThat(consumer(clients).getString("client.rack")).isEqualTo("r");
        assertThat(producer(clients).getLong("reconnect.backoff.ms")).isEqualTo(11);
        assertThat(producer(clients).getLong("linger.ms")).isEqualTo(44);
        assertThat(new AdminClientConfig(clients.adminProperties()).getInt("retries"))
                .isEqualTo(55);
    }

    @Test
    void saslAndTlsReachEveryClientWithSecretsReadFromFiles() throws IOException {
        String key = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ\n-----END PRIVATE KEY-----\n";
        Files.writeString(secrets.resolve("client.key"), key);
        Files.writeString(
                secrets.resolve("kafka.properties"),
                "jaas=org.apache.kafka.common.security.scram.ScramLoginModule required username=\"u\" password=\"tops3cret\";");
        KafkaClients clients = clients("""
                properties {
                  security.protocol = SASL_SSL
                  sasl.mechanism = SCRAM-SHA-512
                  sasl.jaas.config = "${file:%1$s/kafka.properties:jaas}"
                  ssl.keystore.type = PEM
                  ssl.keystore.key = "${dir:%1$s:client.key}"
                  ssl.keystore.certificate.chain = "-----BEGIN CERTIFICATE-----"
                  ssl.truststore.type = PEM
                  ssl.truststore.certificates = "-----BEGIN CERTIFICATE-----"
                }
                """.formatted(secrets.toString().replace('\\', '/')));
        for (AbstractConfig config :
                List.of(consumer(clients), producer(clients), new AdminClientConfig(clients.adminProperties()))) {
            assertThat(config.getString("security.protocol")).isEqualTo("SASL_SSL");
            assertThat(config.getString(SaslConfigs.SASL_MECHANISM)).isEqualTo("SCRAM-SHA-512");
            assertThat(config.getPassword(SaslConfigs.SASL_JAAS_CONFIG).value()).contains("tops3cret");
            assertThat(config.getPassword(SslConfigs.SSL_KEYSTORE_KEY_CONFIG).value())
                    .isEqualTo(key.strip());
            assertThat(config.getString(SslConfigs.SSL_KEYSTORE_TYPE_CONFIG)).isEqualTo("PEM");
            assertThat(config.getString(SslConfigs.SSL_ENDPOINT_IDENTIFICATION_ALGORITHM_CONFIG))
                    .as("host names are verified")
                    .isEqualTo("https");
        }
    }

    @Test
    void settingsPrintedShowNoSecret() {
        String printed = clients("""
                        properties {
                          sasl.jaas.config = "password=tops3cret"
                          ssl.key.password = tops3cret
                          sasl.oauthbearer.client.credentials.client.secret = tops3cret
                          my.own.login.handler.password = tops3cret
                          client.rack = west
                        }
                        """).settings().toString();
        assertThat(printed).doesNotContain("tops3cret").contains("client.rack=west", "ssl.key.password=[hidden]");
    }

    @Test
    void alpakkaGetsTheSamePropertiesAndTheGroupOfItsRole() {
        KafkaClients clients = clients("consumer.properties { max.poll.records = 3 }");
        ActorSystem system = ActorSystem.create("alpakka-settings");
        try {
            Map<String, Object> consumer =
                    clients.alpakkaConsumer(system, "answers").getProperties();
            assertThat(consumer)
                    .containsEntry("isolation.level", "read_committed")
                    .containsEntry("max.poll.records", "3")
                    .containsEntry("group.id", "kinora-answers");
            assertThat(clients.alpakkaProducer(system, "answers").getProperties())
                    .containsEntry("enable.idempotence", "true")
                    .containsEntry("bootstrap.servers", "127.0.0.1:9");
        } finally {
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().join();
        }
    }

    @Test
    void transactionalIdsAreOfOneInputPartitionEach() {
        KafkaClients clients = clients("group-id = g");
        assertThat(clients.transactionalId("answers", "kinora.questions", 3)).isEqualTo("g-answers-kinora.questions-3");
    }

    private static ConsumerConfig consumer(KafkaClients clients) {
        Map<String, Object> properties = new HashMap<>(clients.consumerProperties("role"));
        properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, DESERIALIZER);
        properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, DESERIALIZER);
        return new ConsumerConfig(properties);
    }

    private static ProducerConfig producer(KafkaClients clients) {
        Map<String, Object> properties = new HashMap<>(clients.producerProperties("role"));
        properties.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, SERIALIZER);
        properties.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, SERIALIZER);
        return new ProducerConfig(properties);
    }

    private static KafkaClients clients(String overrides) {
        Config config = ConfigFactory.parseString(
                        "kinora.kafka {\nbootstrap-servers = \"127.0.0.1:9\"\n" + overrides + "\n}")
                .withFallback(ConfigFactory.defaultReference());
        return new KafkaClients(KafkaSettings.from(config));
    }
}
