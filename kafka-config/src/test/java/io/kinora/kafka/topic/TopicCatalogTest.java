package io.kinora.kafka.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class TopicCatalogTest {
    private static final String PATH = "kinora.kafka.topics.";
    private static final int MIB = 1024 * 1024;

    @Test
    void referenceConfHoldsTheDocumentedDefaults() {
        TopicCatalog catalog = TopicCatalog.from(ConfigFactory.defaultReference());
        assertThat(catalog.createMissing()).isTrue();
        assertThat(Arrays.stream(Topic.values()).map(catalog::name))
                .containsExactly(
                        "kinora.clips",
                        "kinora.questions",
                        "kinora.subscriptions",
                        "kinora.answers",
                        "kinora.answers.partial",
                        "kinora.prompts",
                        "kinora.jobs",
                        "kinora.videos",
                        "kinora.alerts",
                        "kinora.subscriptions.state",
                        "kinora.dlq.decisions",
                        "kinora.instructions",
                        "kinora.responses",
                        "kinora.sessions");
        assertThat(catalog.spec(Topic.CLIPS))
                .isEqualTo(new TopicSpec(
                        "kinora.clips",
                        4,
                        (short) -1,
                        CleanupPolicy.DELETE,
                        Optional.of(Duration.ofHours(24)),
                        OptionalLong.of(4096L * MIB),
                        16 * MIB,
                        Map.of("segment.bytes", "268435456", "compression.type", "producer")));
        assertThat(catalog.spec(Topic.SUBSCRIPTIONS).cleanup()).isEqualTo(CleanupPolicy.COMPACT);
        assertThat(catalog.spec(Topic.JOBS).cleanup()).isEqualTo(CleanupPolicy.COMPACT);
        assertThat(catalog.spec(Topic.PARTIAL_ANSWERS).retention()).contains(Duration.ofMinutes(15));
        assertThat(catalog.deadLetter(Topic.CLIPS))
                .contains(new TopicSpec(
                        "kinora.clips.dlq",
                        4,
                        (short) -1,
                        CleanupPolicy.DELETE,
                        Optional.of(Duration.ofDays(14)),
                        OptionalLong.empty(),
                        16 * MIB + 256 * 1024,
                        Map.of()));
        assertThat(catalog.deadLetter(Topic.ANSWERS)).isEmpty();
        assertThat(catalog.all()).hasSize(14 + 5);
        assertThat(catalog.largestMessageBytes()).isEqualTo(16 * MIB + 256 * 1024);
    }

    @ParameterizedTest
    @EnumSource
    void everyKeyIsRead(Topic topic) {
        String key = PATH + topic.configKey() + ".";
        Map<String, Object> overrides = new HashMap<>(Map.of(
                PATH + "create-missing", false,
                PATH + "dead-letters.suffix", ".bad",
                PATH + "dead-letters.retention", "3 d",
                PATH + "dead-letters.retention-bytes", "1 MiB",
                PATH + "dead-letters.header-room", "1 KiB"));
        overrides.putAll(Map.of(
                key + "name", "other",
                key + "partitions", 7,
                key + "replication", 3,
                key + "cleanup-policy", topic == Topic.JOBS ? "delete" : "compact",
                key + "retention", "5 h",
                key + "retention-bytes", "7 MiB",
                key + "max-message-size", "3 MiB",
                key + "config.segment.ms", "60000"));
        TopicCatalog catalog = TopicCatalog.from(with(overrides));
        TopicSpec spec = catalog.spec(topic);
        assertThat(spec.name()).isEqualTo("other");
        assertThat(spec.partitions()).isEqualTo(7);
        assertThat(spec.replication()).isEqualTo((short) 3);
        assertThat(spec.cleanup()).isEqualTo(topic == Topic.JOBS ? CleanupPolicy.DELETE : CleanupPolicy.COMPACT);
        assertThat(spec.retention()).contains(Duration.ofHours(5));
        assertThat(spec.retentionBytes()).hasValue(7L * MIB);
        assertThat(spec.maxMessageBytes()).isEqualTo(3 * MIB);
        assertThat(spec.config()).containsEntry("segment.ms", "60000");
        assertThat(catalog.createMissing()).isFalse();
        assertThat(catalog.deadLetterName("other")).isEqualTo("other.bad");
        assertThat(catalog.deadLetter(topic).isPresent()).isEqualTo(topic.isInput());
        catalog.deadLetter(topic).ifPresent(dead -> assertThat(dead)
                .isEqualTo(new TopicSpec(
                        "other.bad",
                        7,
                        (short) 3,
                        CleanupPolicy.DELETE,
                        Optional.of(Duration.ofDays(3)),
                        OptionalLong.of(MIB),
                        3 * MIB + 1024,
                        Map.of())));
        assertThat(catalog.topicNamed("other")).contains(topic);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "clips.name             | a b      | a-z A-Z 0-9",
                "clips.partitions       | 0        | at least 1",
                "clips.replication      | 0        | -1",
                "clips.cleanup-policy   | keep     | delete and compact",
                "clips.retention        | 0 s      | must be positive",
                "clips.retention-bytes  | 0        | must be positive",
                "clips.max-message-size | 10 bytes | at least 1024",
                "answers.name           | kinora.clips     | two topics named kinora.clips",
                "answers.name           | kinora.clips.dlq | two topics named kinora.clips.dlq",
            })
    void aValueThatIsNotAllowedIsRefusedInWords(String key, String value, String words) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TopicCatalog.from(with(Map.of(PATH + key, value))))
                .withMessageContaining(words);
    }

    @Test
    void aTopicConfigurationGivenWithAndWithoutQuotesIsRefusedAsTheTwoMayDiffer() {
        String key = PATH + "partial-answers.config.\"segment.ms\"";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TopicCatalog.from(
                        ConfigFactory.parseString(key + " = 7").withFallback(ConfigFactory.defaultReference())))
                .withMessageContaining("segment.ms is given twice");
    }

    @Test
    void aMissingKeyIsNamed() {
        Config config = ConfigFactory.defaultReference().withoutPath(PATH + "jobs.name");
        assertThatExceptionOfType(ConfigException.Missing.class)
                .isThrownBy(() -> TopicCatalog.from(config))
                .withMessageContaining("name");
    }

    private static Config with(Map<String, Object> overrides) {
        return ConfigFactory.parseMap(overrides).withFallback(ConfigFactory.defaultReference());
    }
}
