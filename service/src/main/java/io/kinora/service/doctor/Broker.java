package io.kinora.service.doctor;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import io.kinora.kafka.TransientBrokerException;
import io.kinora.kafka.broker.BrokerSettings;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.client.KafkaSettings;
import io.kinora.kafka.follow.TopicSurvey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.OptionalInt;

/** The cluster, or the port of a broker of our own. */
final class Broker {
    private static final String NAME = "broker";

    private Broker() {}

    static List<Finding> examine(Config config) {
        // A machine that is looked at is not waited for as long as one that works.
        KafkaSettings settings = KafkaSettings.from(
                config.withValue("kinora.kafka.request-timeout", ConfigValueFactory.fromAnyRef("5 s"))
                        .withValue("kinora.kafka.delivery-timeout", ConfigValueFactory.fromAnyRef("10 s")));
        return List.of(settings.embedded().map(Broker::own).orElseGet(() -> cluster(settings)));
    }

    private static Finding own(BrokerSettings broker) {
        OptionalInt port = broker.port();
        if (port.isEmpty()) {
            return Finding.ok(NAME, "of our own, on any free port");
        }
        try (ServerSocket socket = new ServerSocket(port.getAsInt(), 1, InetAddress.getByName(broker.host()))) {
            return Finding.ok(NAME, "of our own; port %d is free".formatted(socket.getLocalPort()));
        } catch (IOException e) {
            return Finding.warning(
                    NAME,
                    "port %d of %s is taken: %s".formatted(port.getAsInt(), broker.host(), e.getMessage()),
                    "a service runs there already, or choose another with --port");
        }
    }

    private static Finding cluster(KafkaSettings settings) {
        String where = settings.bootstrapServers().orElse("");
        try (TopicSurvey survey = new TopicSurvey(new KafkaClients(settings))) {
            int topics = survey.look().size();
            return Finding.ok(NAME, "%s answers, and has all %d topics".formatted(where, topics));
        } catch (TransientBrokerException e) {
            return Finding.warning(
                    NAME,
                    "%s: %s%s"
                            .formatted(
                                    where,
                                    e.getMessage(),
                                    e.getCause() == null
                                            ? ""
                                            : ": " + e.getCause().getMessage()),
                    "see that the address can be reached; 'kinora serve' creates topics that are missing");
        }
    }
}
