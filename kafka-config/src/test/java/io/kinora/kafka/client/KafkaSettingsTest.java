package io.kinora.kafka.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kinora.kafka.broker.BrokerSettings;
import io.kinora.kafka.client.KafkaSettings.ClaimCheckSettings;
import io.kinora.kafka.client.KafkaSettings.ClipIndexSettings;
import io.kinora.kafka.topic.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class KafkaSettingsTest {
    private static final int MIB = 1024 * 1024;

    @Test
    void referenceConfHoldsTheDocumentedDefaults() {
        KafkaSettings settings = KafkaSettings.from(ConfigFactory.defaultReference());
        assertThat(settings.bootstrapServers()).isEmpty();
        assertThat(settings.embedded())
                .contains(new BrokerSettings(
                        Path.of("data/kafka"), "127.0.0.1", OptionalInt.of(9092), 16 * MIB + 256 * 1024, Map.of()));
        assertThat(settings.clientId()).isEqualTo("kinora");
        assertThat(settings.groupId()).isEqualTo("kinora");
        assertThat(settings.requestTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.deliveryTimeout()).isEqualTo(Duration.ofSeconds(90));
        assertThat(settings.transactionTimeout()).isEqualTo(Duration.ofSeconds(20));
        assertThat(settings.properties()).isEqualTo(ClientProperties.NONE);
        assertThat(settings.claimCheck())
                .isEqualTo(new ClaimCheckSettings(Path.of("data/claims"), 8 * MIB, 512L * MIB));
        assertThat(settings.clipIndex()).isEqualTo(new ClipIndexSettings(64, 10_000, Optional.empty()));
        assertThat(settings.topics().name(Topic.CLIPS)).isEqualTo("kinora.clips");
    }

    @Test
    void everyKeyIsRead() {
        KafkaSettings settings = KafkaSettings.from(config("""
                        bootstrap-servers = "a:1,b:2"
                        client-id = c
                        group-id = g
                        request-timeout = 1 s
                        delivery-timeout = 2 s
                        transaction-timeout = 3 s
                        properties { security.protocol = SSL, "client.rack" = r }
                        consumer.properties { max.poll.records = 3 }
                        producer.properties { linger.ms = 4 }
                        admin.properties { retries = 5 }
                        claim-check { folder = f, inline-up-to = 1 MiB, max-size = 2 MiB }
                        clip-index { clips-per-stream = 3, max-streams = 4, lookback = 5 h }
                        topics.clips.name = my.clips
                        """));
        assertThat(settings.bootstrapServers()).contains("a:1,b:2");
        assertThat(settings.embedded()).isEmpty();
        assertThat(settings.clientId()).isEqualTo("c");
        assertThat(settings.groupId()).isEqualTo("g");
        assertThat(settings.requestTimeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.deliveryTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(settings.transactionTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(settings.properties())
                .isEqualTo(new ClientProperties(
                        Map.of("security.protocol", "SSL", "client.rack", "r"),
                        Map.of("max.poll.records", "3"),
                        Map.of("linger.ms", "4"),
                        Map.of("retries", "5")));
        assertThat(settings.claimCheck()).isEqualTo(new ClaimCheckSettings(Path.of("f"), MIB, 2L * MIB));
        assertThat(settings.clipIndex()).isEqualTo(new ClipIndexSettings(3, 4, Optional.of(Duration.ofHours(5))));
        assertThat(settings.topics().name(Topic.CLIPS)).isEqualTo("my.clips");
    }

    @Test
    void everyKeyOfTheEmbeddedBrokerIsRead() {
        KafkaSettings settings = KafkaSettings.from(config(
                "embedded { folder = f, host = \"0.0.0.0\", port = 0, properties { log.flush.interval.ms = 9 } }"));
        assertThat(settings.embedded())
                .contains(new BrokerSettings(
                        Path.of("f"),
                        "0.0.0.0",
                        OptionalInt.empty(),
                        16 * MIB + 256 * 1024,
                        Map.of("log.flush.interval.ms", "9")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bootstrap-servers = \"\"               | kinora.kafka.bootstrap-servers is blank",
                "client-id = \"\"                       | kinora.kafka.client-id is blank",
                "group-id = \"\"                        | kinora.kafka.group-id is blank",
                "request-timeout = 0 s                  | kinora.kafka.request-timeout",
                "delivery-timeout = 59 s                | at least twice request-timeout",
                "transaction-timeout = 0 s              | kinora.kafka.transaction-timeout",
                "claim-check.inline-up-to = 16 MiB      | leaves room for 16711680",
                "claim-check.max-size = 1 MiB           | kinora.kafka.claim-check.max-size",
                "clip-index.clips-per-stream = 0        | kinora.kafka.clip-index.clips-per-stream",
                "clip-index.max-streams = 0             | kinora.kafka.clip-index.max-streams",
                "clip-index.lookback = 0 s              | kinora.kafka.clip-index.lookback",
                "embedded.port = 70000                  | kinora.kafka.embedded.port is 70000",
                "embedded.host = \"\"                   | kinora.kafka.embedded.host is blank",
                "producer.properties.acks = 0           | kinora.kafka.producer.properties sets acks, which is not free",
                "properties { isolation.level = x }     | kinora.kafka.properties sets isolation.level",
            })
    void aValueThatIsNotAllowedIsRefusedUnderItsKey(String override, String words) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KafkaSettings.from(config(override)))
                .withMessageContaining(words);
    }

    @Test
    void theEmbeddedBrokersAddressIsKnownOnceItRuns() {
        KafkaSettings before = KafkaSettings.from(ConfigFactory.defaultReference());
        assertThatIllegalStateException().isThrownBy(() -> new KafkaClients(before));
        assertThat(before.withBootstrapServers("127.0.0.1:7").bootstrapServers())
                .contains("127.0.0.1:7");
    }

    private static Config config(String kafka) {
        return ConfigFactory.parseString("kinora.kafka {\n" + kafka + "\n}")
                .withFallback(ConfigFactory.defaultReference());
    }
}
