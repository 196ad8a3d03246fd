package io.kinora.actors.pipeline;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;

/**
 * A partition of the prompts, and which jobs belong to it: those whose id Kafka's own producers would put there.
 *
 * @param input the partition
 * @param partitions of its topic
 * @param group that reads it
 */
record JobPartition(TopicPartition input, int partitions, String group) {
    /** Whether a job belongs to this partition. */
    boolean owns(String jobId) {
        byte[] key = jobId.getBytes(StandardCharsets.UTF_8);
        return Utils.toPositive(Utils.murmur2(key)) % partitions == input.partition();
    }

    @Override
    public String toString() {
        return input.toString();
    }
}
