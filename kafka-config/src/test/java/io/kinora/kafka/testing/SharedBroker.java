package io.kinora.kafka.testing;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kinora.kafka.broker.BrokerSettings;
import io.kinora.kafka.broker.EmbeddedBroker;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.client.KafkaSettings;
import io.kinora.kafka.topic.TopicProvisioner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One embedded broker for all test classes of a JVM: starting it costs seconds, a set of topics of its own costs
 * nothing. A test class that asks for {@link KafkaClients} gets clients whose topics nobody else uses.
 */
public final class SharedBroker implements ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(SharedBroker.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == KafkaClients.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Running broker = context.getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent(Running.class, key -> new Running(), Running.class);
        String prefix = context.getRequiredTestClass().getSimpleName().toLowerCase(Locale.ROOT);
        return context.getStore(NAMESPACE).getOrComputeIfAbsent(prefix, broker::clients);
    }

    /** Settings whose topics and groups begin with a prefix. */
    public static KafkaSettings settings(String bootstrapServers, String prefix) {
        Map<String, Object> overrides = new HashMap<>();
        overrides.put("kinora.kafka.bootstrap-servers", bootstrapServers);
        overrides.put("kinora.kafka.group-id", prefix);
        overrides.put("kinora.kafka.request-timeout", "10 s");
        overrides.put("kinora.kafka.delivery-timeout", "20 s");
        for (String key : List.of(
                "clips",
                "questions",
                "subscriptions",
                "answers",
                "partial-answers",
                "prompts",
                "jobs",
                "videos",
                "instructions",
                "responses")) {
            overrides.put("kinora.kafka.topics." + key + ".name", prefix + "." + key);
            overrides.put("kinora.kafka.topics." + key + ".partitions", 2);
        }
        Config config = ConfigFactory.parseMap(overrides).withFallback(ConfigFactory.defaultReference());
        return KafkaSettings.from(config);
    }

    /** The broker and its folder, ended with the JVM's last test. */
    private static final class Running implements AutoCloseable {
        private final Path folder;
        private final EmbeddedBroker broker;

        Running() {
            try {
                folder = Files.createTempDirectory("kinora-broker");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            broker = EmbeddedBroker.start(BrokerSettings.in(folder));
        }

        KafkaClients clients(String prefix) {
            KafkaClients clients = new KafkaClients(settings(broker.bootstrapServers(), prefix));
            KafkaSettings settings = clients.settings();
            try (Admin admin = clients.admin()) {
                new TopicProvisioner(admin, settings.requestTimeout()).provision(settings.topics());
            }
            return clients;
        }

        @Override
        public void close() throws IOException {
            broker.close();
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
