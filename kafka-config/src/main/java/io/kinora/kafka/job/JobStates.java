package io.kinora.kafka.job;

import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.follow.TopicScan;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.record.JobState;
import io.kinora.kafka.topic.Topic;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the compacted topic of jobs: the last state of each, without those that are forgotten. Stateless. */
public final class JobStates {
    private static final Logger LOG = LoggerFactory.getLogger(JobStates.class);

    private JobStates() {}

    /**
     * Every job that the topic knows, committed before this call; blocks while it reads.
     *
     * @return by id, the one whose state is oldest first
     * @throws io.kinora.kafka.TransientBrokerException if the topic could not be read to its end
     */
    public static Map<String, JobState> read(KafkaClients clients, RecordDecoder decoder) {
        Map<String, JobState> states = new LinkedHashMap<>();
        TopicScan.read(
                clients,
                "job-states",
                List.of(clients.settings().topics().name(Topic.JOBS)),
                Optional.empty(),
                record -> put(record, decoder, states));
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
