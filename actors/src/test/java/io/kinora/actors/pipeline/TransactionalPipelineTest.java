package io.kinora.actors.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import io.kinora.actors.metrics.ServingMetrics;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.testing.SharedBroker;
import io.kinora.kafka.testing.TopicReader;
import io.kinora.kafka.topic.Topic;
import io.kinora.kafka.transaction.Transaction;
import io.kinora.kafka.transaction.TransactionalWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedBroker.class)
@Tag("slow")
@Timeout(value = 5, unit = MINUTES)
final class TransactionalPipelineTest {
    private static final int PARTITIONS = 4;
    private static final int RECORDS = 40; // of each partition, many more than are worked on at once
    private static final int AT_ONCE = 2;
    private static final Duration POLL = Duration.ofMillis(50);

    private final KafkaClients clients;
    private final String role = "dealt-" + UUID.randomUUID();
    private final String output;

    TransactionalPipelineTest(KafkaClients clients) {
        this.clients = clients;
        this.output = clients.settings().topics().name(Topic.JOBS);
    }

    /** Partitions that stay with their owner keep their streams, which hold records that the owner then is given again. */
    @Test
    void dealingPartitionsAnewRepeatsNothing() throws Exception {
        try (Copying copying = new Copying();
                Consumer<byte[], byte[]> other =
                        clients.consumer("other", Map.of(ConsumerConfig.GROUP_ID_CONFIG, clients.groupId(role)))) {
            other.subscribe(List.of(role));
            while (other.assignment().isEmpty()) {
                other.poll(POLL);
            }
            copying.goOn();
            while (written() < PARTITIONS / 2 * RECORDS) { // its own half goes back when it leaves
                other.poll(POLL);
            }
            other.unsubscribe();
            copying.awaitAll();
        }
        assertThat(copied()).doesNotHaveDuplicates().hasSize(PARTITIONS * RECORDS);
    }

    /** Somebody who takes himself for the owner fences the real one, who has to go on from what is committed and not from what it has read. */
    @Test
    void aFencedOwnerThatKeepsItsPartitionsLosesNothing() throws Exception {
        try (Copying copying = new Copying()) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                TransactionalWriter.open(clients, clients.transactionalId(role, role, partition))
                        .close();
            }
            copying.goOn();
            copying.awaitAll();
        }
        assertThat(copied()).doesNotHaveDuplicates().hasSize(PARTITIONS * RECORDS);
    }

    /** A pipeline that copies all records and waits, at first, with as many of each partition as it takes on at once. */
    private final class Copying implements AutoCloseable {
        private final ActorTestKit kit = ActorTestKit.create();
        private final CompletableFuture<Void> released = new CompletableFuture<>();
        private final PipelineControl running;

        Copying() throws Exception {
            publish();
            CountDownLatch begun = new CountDownLatch(PARTITIONS * AT_ONCE);
            RecordWork work = record -> {
                begun.countDown();
                return released.thenApply(go -> RecordWork.Result.of(Transaction.of(List.of(copy(record)))));
            };
            running = new TransactionalPipeline(
                            kit.system(), clients, role, role, AT_ONCE, () -> work, ServingMetrics.inMemory())
                    .start();
            assertThat(begun.await(2, MINUTES)).isTrue();
        }

        void goOn() {
            released.complete(null);
        }

        void awaitAll() throws InterruptedException {
            while (written() < PARTITIONS * RECORDS) {
                Thread.sleep(POLL.toMillis());
            }
        }

        @Override
        public void close() throws Exception {
            running.stop();
            running.whenEnded().toCompletableFuture().get(2, MINUTES);
            kit.shutdownTestKit();
        }
    }

    private List<String> copied() {
        return new TopicReader(clients).values(output, role);
    }

    private int written() {
        return copied().size();
    }

    /** To a topic of its own. */
    private void publish() throws Exception {
        try (Admin admin = clients.admin();
                Producer<byte[], byte[]> producer = clients.producer("test")) {
            admin.createTopics(List.of(new NewTopic(role, PARTITIONS, (short) 1)))
                    .all()
                    .get(1, MINUTES);
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < PARTITIONS * RECORDS; i++) {
                sent.add(producer.send(new ProducerRecord<>(
                        role, i % PARTITIONS, null, Integer.toString(i).getBytes(UTF_8))));
            }
            for (Future<RecordMetadata> record : sent) {
                record.get(1, MINUTES);
            }
        }
    }

    private ProducerRecord<byte[], byte[]> copy(ConsumerRecord<byte[], byte[]> record) {
        return new ProducerRecord<>(output, role.getBytes(UTF_8), record.value());
    }
}
