package io.kinora.kafka.job;

import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.TransientBrokerException;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.record.JobState;
import io.kinora.kafka.topic.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the compacted topic of jobs: the last state of each, without those that are forgotten. Stateless. */
public final class JobStates {
    private static final Logger LOG = LoggerFactory.getLogger(JobStates.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private JobStates() {}

    /**
     * Every job that the topic knows, committed before this call; blocks while it reads.
     *
     * @return by id, the one whose state is oldest first
     * @throws TransientBrokerException if the topic could not be read to its end
     */
    public static Map<String, JobState> read(KafkaClients clients, RecordDecoder decoder) {
        String topic = clients.settings().topics().name(Topic.JOBS);
        Map<String, JobState> states = new LinkedHashMap<>();
        try (Consumer<byte[], byte[]> consumer = clients.consumer("job-states", Map.of())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            consumer.seekToBeginning(partitions);
            long giveUp = System.nanoTime() + PATIENCE.toNanos();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                if (System.nanoTime() > giveUp) {
                    throw new TransientBrokerException(
                            "%s could not be read to its end within %d s".formatted(topic, PATIENCE.toSeconds()),
                            new KafkaException("timed out"));
                }
                consumer.poll(POLL).forEach(record -> put(record, decoder, states));
            }
        } catch (KafkaException e) {
            throw new TransientBrokerException("%s cannot be read: %s".formatted(topic, e.getMessage()), e);
        }
        return states;
    }

    private static void put(
            ConsumerRecord<byte[], byte[]> record, RecordDecoder decoder, Map<String, JobState> states) {
        try {
            String key = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
            states.remove(key);
            decoder.jobState(record).ifPresent(event -> states.put(event.body().jobId(), event.body()));
        } catch (MalformedRecordException e) {
            LOG.warn(
                    "{}-{}@{} is no job's state: {}",
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    e.getMessage());
        }
    }
}
