package io.kinora.kafka.follow;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.exchange.KinoraClient;
import io.kinora.kafka.headers.Event;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.record.StandingQuestion;
import io.kinora.kafka.record.Subscription;
import io.kinora.kafka.testing.SharedBroker;
import io.kinora.kafka.topic.Topic;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedBroker.class)
final class CompactedTableTest {
    private static final StandingQuestion QUESTION = StandingQuestion.of("Is the gate open?", List.of("yes", "no"));

    @Test
    void whatWasAcknowledgedBeforeIsThereOnceCaughtUpAndTombstonesAndMalformedRecordsAreNot(KafkaClients clients)
            throws Exception {
        clients.provisionTopics();
        String topic = clients.settings().topics().name(Topic.SUBSCRIPTIONS);
        RecordDecoder decoder = new RecordDecoder();
        Subscription gate = Subscription.of("gate", "cam*", QUESTION);
        try (KinoraClient client = new KinoraClient(clients, "/test")) {
            client.subscribe(gate);
            client.subscribe(Subscription.of("door", "*", QUESTION));
            assertThat(client.subscriptions()).extracting(Subscription::id).containsExactly("door", "gate");
            try (CompactedTable<Subscription> table = CompactedTable.start(
                    clients, topic, record -> decoder.subscription(record).map(Event::body))) {
                caughtUp(table);
                assertThat(table.find("gate").orElseThrow().since())
                        .as("its record's time")
                        .isPresent();
                assertThat(table.find("gate").orElseThrow().version()).isEqualTo(gate.version());

                client.unsubscribe("door");
                client.subscribe(gate.withState(Subscription.State.PAUSED));
                try (Producer<byte[], byte[]> producer = clients.producer("test")) {
                    producer.send(new ProducerRecord<>(topic, bytes("gate"), bytes("{\"streams\": 7}")))
                            .get();
                }
                caughtUp(table);
                assertThat(table.rows()).singleElement().satisfies(left -> {
                    assertThat(left.id()).isEqualTo("gate");
                    assertThat(left.state()).isEqualTo(Subscription.State.PAUSED);
                });
            }
        }
    }

    @Test
    void whatWasCommittedBehindAnOpenTransactionIsThereOnceCaughtUp(KafkaClients clients) throws Exception {
        clients.provisionTopics();
        String topic = clients.settings().topics().name(Topic.SESSIONS);
        try (Producer<byte[], byte[]> open = clients.transactionalProducer("open");
                Producer<byte[], byte[]> committing = clients.transactionalProducer("committing");
                CompactedTable<String> table = CompactedTable.start(
                        clients, topic, record -> Optional.of(new String(record.value(), StandardCharsets.UTF_8)))) {
            open.initTransactions();
            open.beginTransaction();
            open.send(new ProducerRecord<>(topic, 0, bytes("open"), bytes("never seen")))
                    .get();
            committing.initTransactions();
            committing.beginTransaction();
            committing
                    .send(new ProducerRecord<>(topic, 0, bytes("committed"), bytes("seen")))
                    .get();
            committing.commitTransaction();

            CompletableFuture<Optional<String>> found = table.whenCaughtUp()
                    .thenApply(read -> table.find("committed"))
                    .toCompletableFuture();
            assertThat(found.copy().completeOnTimeout(Optional.of("not known yet"), 1, TimeUnit.SECONDS))
                    .succeedsWithin(1, TimeUnit.MINUTES)
                    .isEqualTo(Optional.of("not known yet"));

            open.abortTransaction();
            assertThat(found.get(1, TimeUnit.MINUTES)).contains("seen");
        }
    }

    private static void caughtUp(CompactedTable<Subscription> table) throws Exception {
        table.whenCaughtUp().toCompletableFuture().get(1, TimeUnit.MINUTES);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
