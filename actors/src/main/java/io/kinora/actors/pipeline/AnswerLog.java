package io.kinora.actors.pipeline;

import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.TransientBrokerException;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.AnsweredSubscription;
import io.kinora.kafka.topic.Topic;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Which questions of one subscription have been answered, as the topic of answers tells. Blocks. Not thread-safe. */
final class AnswerLog implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final AnsweredSubscription subscription;
    private final RecordDecoder decoder = new RecordDecoder();
    private final Consumer<byte[], byte[]> committed;
    private final Consumer<byte[], byte[]> ends;
    private final List<TopicPartition> partitions;
    private final Set<String> questions = new HashSet<>();

    AnswerLog(KafkaClients clients, AnsweredSubscription subscription) {
        this.subscription = subscription;
        this.committed = clients.consumer("answer-log", Map.of());
        this.ends =
                clients.consumer("answer-log-end", Map.of(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted"));
        String topic = clients.settings().topics().name(Topic.ANSWERS);
        this.partitions = committed.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        committed.assign(partitions);
        committed.seekToBeginning(partitions);
    }

    /**
     * Reads what was written before the call, and waits until it is decided whether that stands.
     *
     * @throws TransientBrokerException if the topic could not be read so far
     */
    void catchUp() {
        try {
            Map<TopicPartition, Long> until = ends.endOffsets(partitions);
            long giveUp = System.nanoTime() + PATIENCE.toNanos();
            while (partitions.stream().anyMatch(next -> committed.position(next) < until.get(next))) {
                boolean any = false;
                for (ConsumerRecord<byte[], byte[]> record : committed.poll(POLL)) {
                    take(record);
                    any = true;
                }
                giveUp = any ? System.nanoTime() + PATIENCE.toNanos() : giveUp;
                if (System.nanoTime() > giveUp) {
                    throw new TransientBrokerException(
                            "the answers could not be read to their end", new KafkaException("timed out"));
                }
            }
        } catch (KafkaException e) {
            throw new TransientBrokerException("the answers cannot be read: " + e.getMessage(), e);
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        try {
            Answer answer = decoder.answer(record).body();
            if (answer.subscription().filter(subscription::equals).isPresent()) {
                questions.add(answer.questionId());
            }
        } catch (MalformedRecordException e) {
            // Somebody else's record: it answers nothing.
            return;
        }
    }

    /** Whether the question has an answer among those that were read. */
    boolean has(String questionId) {
        return questions.contains(questionId);
    }

    @Override
    public void close() {
        committed.close();
        ends.close();
    }
}
