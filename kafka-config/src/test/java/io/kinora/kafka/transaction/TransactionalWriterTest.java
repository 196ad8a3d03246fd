package io.kinora.kafka.transaction;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.client.KafkaSettings;
import io.kinora.kafka.testing.SharedBroker;
import io.kinora.kafka.testing.TopicReader;
import io.kinora.kafka.topic.Topic;
import io.kinora.kafka.transaction.Transaction.Consumed;
import io.kinora.kafka.transaction.TransactionalWriter.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(SharedBroker.class)
final class TransactionalWriterTest {
    private final KafkaClients clients;
    private final TopicReader reader;
    private final String answers;
    private final String jobs;
    private final TopicPartition questions;

    TransactionalWriterTest(KafkaClients clients) {
        this.clients = clients;
        this.reader = new TopicReader(clients);
        this.answers = clients.settings().topics().name(Topic.ANSWERS);
        this.jobs = clients.settings().topics().name(Topic.JOBS);
        this.questions = new TopicPartition(clients.settings().topics().name(Topic.QUESTIONS), 0);
    }

    @Test
    void aCommitShowsRecordsOfAllTopicsAndTheOffsetAtOnce(TestInfo test) throws Exception {
        String name = name(test);
        try (TransactionalWriter writer = TransactionalWriter.open(clients, name)) {
            Outcome outcome =
                    writer.commit(Transaction.of(List.of(record(answers, name, "answer"), record(jobs, name, "state")))
                            .consuming(Consumed.upTo(name, questions, 41)));
            assertThat(outcome).isEqualTo(Outcome.COMMITTED);
        }
        assertThat(reader.values(answers, name)).containsExactly("answer");
        assertThat(reader.values(jobs, name)).containsExactly("state");
        assertThat(committedOffset(name)).isEqualTo(42);
    }

    @Test
    void aTransactionWhoseLaterRecordsCannotBeMadeLeavesNothingVisibleAndTheWriterUsable(TestInfo test)
            throws Exception {
        String name = name(test);
        try (TransactionalWriter writer = TransactionalWriter.open(clients, name)) {
            Transaction failing = Transaction.of(List.of(record(answers, name, "hidden")))
                    .followedBy(places -> {
                        throw new IllegalStateException("no state to follow");
                    });
            assertThatThrownBy(() -> writer.commit(failing)).hasMessage("no state to follow");
            writer.commit(Transaction.of(List.of(record(answers, name, "shown"))));
        }
        assertThat(reader.values(answers, name)).containsExactly("shown");
    }

    @Test
    void followingRecordsKnowWhereTheFirstOnesLie(TestInfo test) throws Exception {
        String name = name(test);
        try (TransactionalWriter writer = TransactionalWriter.open(clients, name)) {
            writer.commit(Transaction.of(List.of(record(answers, name, "clip")))
                    .followedBy(places -> List.of(record(
                            jobs,
                            name,
                            places.get(0).topic() + "@" + places.get(0).offset()))));
        }
        long offset = reader.records(answers, name).get(0).offset();
        assertThat(reader.values(jobs, name)).containsExactly(answers + "@" + offset);
    }

    @Test
    void aNewOwnerFencesTheOldOneForGood(TestInfo test) throws Exception {
        String name = name(test);
        try (TransactionalWriter old = TransactionalWriter.open(clients, name)) {
            old.commit(Transaction.of(List.of(record(answers, name, "old"))));
            try (TransactionalWriter fresh = TransactionalWriter.open(clients, name)) {
                Transaction late = Transaction.of(List.of(record(answers, name, "late")));
                assertThatThrownBy(() -> old.commit(late)).isInstanceOf(FencedException.class);
                assertThatThrownBy(() -> old.commit(late)).isInstanceOf(FencedException.class);
                fresh.commit(Transaction.of(List.of(record(answers, name, "new"))));
            }
        }
        assertThat(reader.values(answers, name)).containsExactly("old", "new");
    }

    @Test
    void whatAKilledOwnerHadNotCommittedIsAbortedAndWrittenOnceByTheNext(TestInfo test) throws Exception {
        String name = name(test);
        Consumed input = Consumed.upTo(name, questions, 7);
        // A process that dies between its sends and its commit leaves exactly this behind.
        Producer<byte[], byte[]> killed = clients.transactionalProducer(name);
        killed.initTransactions();
        killed.beginTransaction();
        killed.send(record(answers, name, "of the killed")).get();
        killed.sendOffsetsToTransaction(input.next(), input.group());
        try (TransactionalWriter next = TransactionalWriter.open(clients, name)) {
            Transaction again = Transaction.of(List.of(record(answers, name, "of the next")))
                    .consuming(input);
            assertThat(next.commit(again)).isEqualTo(Outcome.COMMITTED);
        } finally {
            killed.close();
        }
        assertThat(reader.values(answers, name)).containsExactly("of the next");
        assertThat(committedOffset(name)).isEqualTo(8);
    }

    @Test
    void aWriterRepeatsNothingThatItHasCommittedItself(TestInfo test) throws Exception {
        String name = name(test);
        try (TransactionalWriter writer = TransactionalWriter.open(clients, name)) {
            for (long offset : new long[] {7, 8}) {
                writer.commit(Transaction.of(List.of(record(answers, name, "answer " + offset)))
                        .consuming(Consumed.upTo(name, questions, offset)));
            }
            assertThat(writer.commit(Transaction.of(List.of(record(answers, name, "again")))
                            .consuming(Consumed.upTo(name, questions, 7))))
                    .isEqualTo(Outcome.ALREADY_DONE);
        }
        assertThat(reader.values(answers, name)).containsExactly("answer 7", "answer 8");
        assertThat(committedOffset(name)).isEqualTo(9);
    }

    @Test
    void anOwnerThatOpensAgainDoesNotRepeatWhatAnotherCommittedMeanwhile(TestInfo test) throws Exception {
        String name = name(test);
        Consumed input = Consumed.upTo(name, questions, 7);
        try (TransactionalWriter first = TransactionalWriter.open(clients, name)) {
            first.commit(Transaction.of(List.of(record(answers, name, "first"))).consuming(input));
        }
        try (TransactionalWriter second = TransactionalWriter.open(clients, name)) {
            Transaction repeated =
                    Transaction.of(List.of(record(answers, name, "second"))).consuming(input);
            assertThat(second.commit(repeated)).isEqualTo(Outcome.ALREADY_DONE);
            Transaction next = Transaction.of(List.of(record(answers, name, "third")))
                    .consuming(Consumed.upTo(name, questions, 8));
            assertThat(second.commit(next)).isEqualTo(Outcome.COMMITTED);
        }
        assertThat(reader.values(answers, name)).containsExactly("first", "third");
    }

    @Test
    void aRecordTooLargeIsRejectedAndTheWriterGoesOn(TestInfo test) throws Exception {
        String name = name(test);
        byte[] tooLarge =
                new byte[clients.settings().topics().spec(Topic.ANSWERS).maxMessageBytes() + 1];
        try (TransactionalWriter writer = TransactionalWriter.open(clients, name)) {
            Transaction refused = Transaction.of(List.of(
                    record(answers, name, "beside it"), new ProducerRecord<>(answers, name.getBytes(UTF_8), tooLarge)));
            assertThatThrownBy(() -> writer.commit(refused)).isInstanceOf(RejectedTransactionException.class);
            writer.commit(Transaction.of(List.of(record(answers, name, "after it"))));
        }
        assertThat(reader.values(answers, name)).containsExactly("after it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aGroupWithLiveMembersTakesTheOffsetOfAWriterThatDoesNotKnowItsGeneration(String protocol) throws Exception {
        String group = "live-" + protocol;
        try (Consumer<byte[], byte[]> member = join(group, protocol);
                TransactionalWriter writer = TransactionalWriter.open(clients, group)) {
            assertThat(member.assignment()).contains(questions);
            writer.commit(Transaction.of(List.of(record(answers, group, "answer")))
                    .consuming(Consumed.upTo(group, questions, 3)));
        }
        assertThat(reader.values(answers, group)).containsExactly("answer");
        assertThat(committedOffset(group)).isEqualTo(4);
    }

    @Test
    void aMemberThatLeftTheGroupCannotCommitForIt(TestInfo test) throws Exception {
        String name = name(test);
        ConsumerGroupMetadata left;
        try (Consumer<byte[], byte[]> member = join(name, "classic")) {
            left = member.groupMetadata();
        }
        try (Consumer<byte[], byte[]> next = join(name, "classic");
                TransactionalWriter writer = TransactionalWriter.open(clients, name)) {
            assertThat(next.assignment()).contains(questions);
            Transaction stale = Transaction.of(List.of(record(answers, name, "stale")))
                    .consuming(new Consumed(left, Map.of(questions, new OffsetAndMetadata(4))));
            assertThatThrownBy(() -> writer.commit(stale)).isInstanceOf(FencedException.class);
        }
        assertThat(reader.values(answers, name)).isEmpty();
    }

    @Test
    void aTopicThatDoesNotExistIsRejectedInTimeAndNotCreated(TestInfo test) throws Exception {
        String name = name(test);
        try (TransactionalWriter writer = TransactionalWriter.open(hasty(), name)) {
            Transaction nowhere = Transaction.of(List.of(record("nowhere", name, "lost")));
            assertThatThrownBy(() -> writer.commit(nowhere)).isInstanceOf(RejectedTransactionException.class);
        }
        try (Admin admin = clients.admin()) {
            assertThat(admin.listTopics().names().get()).doesNotContain("nowhere");
        }
    }

    /** Clients that give up after a second. */
    private KafkaClients hasty() {
        KafkaSettings settings = clients.settings();
        return new KafkaClients(new KafkaSettings(
                settings.bootstrapServers(),
                settings.embedded(),
                settings.clientId(),
                settings.groupId(),
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                settings.transactionTimeout(),
                settings.properties(),
                settings.claimCheck(),
                settings.clipIndex(),
                settings.topics()));
    }

    private Consumer<byte[], byte[]> join(String group, String protocol) {
        Consumer<byte[], byte[]> member =
                clients.consumer(group, Map.of("group.id", group, "group.protocol", protocol));
        member.subscribe(List.of(questions.topic()));
        while (member.assignment().isEmpty()) {
            member.poll(Duration.ofMillis(100));
        }
        return member;
    }

    private static ProducerRecord<byte[], byte[]> record(String topic, String key, String value) {
        return new ProducerRecord<>(topic, key.getBytes(UTF_8), value.getBytes(UTF_8));
    }

    private long committedOffset(String group) throws ExecutionException, InterruptedException {
        try (Admin admin = clients.admin()) {
            Map<TopicPartition, OffsetAndMetadata> offsets = admin.listConsumerGroupOffsets(
                            group, new ListConsumerGroupOffsetsOptions().requireStable(true))
                    .partitionsToOffsetAndMetadata()
                    .get();
            return offsets.get(questions).offset();
        }
    }

    private static String name(TestInfo test) {
        return test.getTestMethod().orElseThrow().getName();
    }
}
