package io.kinora.kafka.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kinora.kafka.TransientBrokerException;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.testing.SharedBroker;
import io.kinora.kafka.topic.TopicProvisioner.Report;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedBroker.class)
final class TopicProvisionerTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final Admin admin;
    private final TopicProvisioner provisioner;

    TopicProvisionerTest(KafkaClients clients) {
        this.admin = clients.admin();
        this.provisioner = new TopicProvisioner(admin, TIMEOUT);
    }

    @AfterEach
    void close() {
        admin.close();
    }

    @Test
    void missingTopicsAreCreatedAsDeclaredAndThenFoundToAgree() throws Exception {
        TopicCatalog catalog = catalog("fresh", Map.of());
        Report first = provisioner.provision(catalog);
        assertThat(first.created()).hasSize(19).contains("fresh.clips", "fresh.clips.dlq", "fresh.jobs");
        assertThat(first.differences()).isEmpty();
        TopicSpec clips = catalog.spec(Topic.CLIPS);
        TopicDescription description = admin.describeTopics(List.of(clips.name()))
                .allTopicNames()
                .get()
                .get(clips.name());
        assertThat(description.partitions()).hasSize(clips.partitions());
        assertThat(config(clips.name(), TopicConfig.RETENTION_MS_CONFIG)).isEqualTo("86400000");
        assertThat(config(clips.name(), TopicConfig.RETENTION_BYTES_CONFIG)).isEqualTo("4294967296");
        assertThat(config(clips.name(), TopicConfig.MAX_MESSAGE_BYTES_CONFIG)).isEqualTo("16777216");
        assertThat(config("fresh.jobs", TopicConfig.CLEANUP_POLICY_CONFIG)).isEqualTo("compact");
        assertThat(config("fresh.partial-answers", TopicConfig.SEGMENT_MS_CONFIG))
                .isEqualTo("300000");
        assertThat(provisioner.provision(catalog)).isEqualTo(new Report(List.of(), List.of()));
    }

    @Test
    void differencesThatLoseNothingAreReportedInWordsAndLeftAlone() throws Exception {
        provisioner.provision(catalog("lived", Map.of()));
        TopicCatalog other = catalog("lived", Map.of("answers.partitions", 9, "answers.retention", "2 h"));
        assertThat(provisioner.provision(other).differences())
                .containsExactlyInAnyOrder(
                        "topic lived.answers has 1 partitions, declared are 9",
                        "topic lived.answers has retention.ms 2592000000, declared is 7200000");
        assertThat(config("lived.answers", TopicConfig.RETENTION_MS_CONFIG)).isEqualTo("2592000000");
    }

    @Test
    void aTopicThatWouldLoseRecordsIsRefusedBeforeAnythingIsCreated() throws Exception {
        admin.createTopics(List.of(new NewTopic("wrong.jobs", Optional.of(1), Optional.empty())
                        .configs(Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, "delete"))))
                .all()
                .get();
        while (!admin.listTopics().names().get().contains("wrong.jobs")) {
            Thread.onSpinWait();
        }
        assertThatExceptionOfType(IncompatibleTopicException.class)
                .isThrownBy(() -> provisioner.provision(catalog("wrong", Map.of())))
                .withMessage("topic wrong.jobs has cleanup.policy delete, declared is compact");
        assertThat(admin.listTopics().names().get()).doesNotContain("wrong.clips");
    }

    @Test
    void aTopicThatRefusesLargeRecordsIsRefusedAndALargerOneIsNot() {
        provisioner.provision(catalog("size", Map.of()));
        assertThatExceptionOfType(IncompatibleTopicException.class)
                .isThrownBy(() -> provisioner.provision(catalog("size", Map.of("videos.max-message-size", "17 MiB"))))
                .withMessage("topic size.videos has max.message.bytes 16777216, declared is 17825792");
        assertThat(provisioner
                        .provision(catalog("size", Map.of("videos.max-message-size", "15 MiB")))
                        .differences())
                .hasSize(1);
    }

    @Test
    void deadLettersThatHaveFewerPartitionsThanTheirInputAreRefused() {
        provisioner.provision(catalog("few", Map.of()));
        assertThatExceptionOfType(IncompatibleTopicException.class)
                .isThrownBy(() -> provisioner.provision(catalog("few", Map.of("prompts.partitions", 2))))
                .withMessage("topic few.prompts.dlq has 1 partitions, declared are 2");
    }

    @Test
    void whereTheServiceMayNotCreateAMissingTopicIsNamedWithTheCommandThatCreatesIt() {
        TopicCatalog catalog = catalog("absent", Map.of("create-missing", false));
        assertThatExceptionOfType(IncompatibleTopicException.class)
                .isThrownBy(() -> provisioner.provision(catalog))
                .withMessageContaining("kafka-topics.sh --create --topic absent.clips --partitions 1")
                .withMessageContaining("--config max.message.bytes=16777216");
    }

    @Test
    void aClusterThatDoesNotAnswerInTimeIsATransientFailure() {
        TopicProvisioner hasty = new TopicProvisioner(admin, Duration.ZERO);
        assertThatExceptionOfType(TransientBrokerException.class)
                .isThrownBy(() -> hasty.provision(catalog("hasty", Map.of())));
    }

    private String config(String topic, String name) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        return admin.describeConfigs(List.of(resource))
                .all()
                .get()
                .get(resource)
                .get(name)
                .value();
    }

    private static TopicCatalog catalog(String prefix, Map<String, Object> overrides) {
        Map<String, Object> all = new HashMap<>();
        Arrays.stream(Topic.values()).forEach(topic -> {
            all.put("kinora.kafka.topics." + topic.configKey() + ".name", prefix + "." + topic.configKey());
            all.put("kinora.kafka.topics." + topic.configKey() + ".partitions", 1);
        });
        overrides.forEach((key, value) -> all.put("kinora.kafka.topics." + key, value));
        Config config = ConfigFactory.parseMap(all).withFallback(ConfigFactory.defaultReference());
        return TopicCatalog.from(config);
    }
}
