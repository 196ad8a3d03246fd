package io.kinora.kafka.follow;

import io.kinora.kafka.TransientBrokerException;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.topic.TopicSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/** What lies on the topics, and how far those who read them are behind. Thread-safe; blocks. */
public final class TopicSurvey implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 10;

    private final KafkaClients clients;
    private final Admin admin;

    /** Connects to the cluster. */
    public TopicSurvey(KafkaClients clients) {
        this.clients = clients;
        this.admin = clients.admin();
    }

    /**
     * A topic as it is.
     *
     * @param records between the first offset and the end; of a compacted topic, or one with transactions, an upper bound
     * @param lag records that each of Kinora's consumer groups has not finished
     */
    public record State(String name, int partitions, long records, Map<String, Long> lag) {
        /** Takes a copy. */
        public State {
            lag = Map.copyOf(lag);
        }
    }

    /**
     * Every declared topic.
     *
     * @throws TransientBrokerException if the cluster does not answer
     */
    public List<State> look() {
        List<TopicSpec> specs = clients.settings().topics().all();
        List<TopicPartition> partitions = partitions(specs);
        Map<TopicPartition, Long> first = offsets(partitions, OffsetSpec.earliest());
        Map<TopicPartition, Long> end = offsets(partitions, OffsetSpec.latest());
        Map<String, Map<TopicPartition, OffsetAndMetadata>> groups = groups();
        return specs.stream()
                .map(spec -> {
                    List<TopicPartition> mine = partitions.stream()
                            .filter(partition -> partition.topic().equals(spec.name()))
                            .toList();
                    Map<String, Long> lag = new HashMap<>();
                    groups.forEach((group, committed) -> {
                        if (mine.stream().anyMatch(committed::containsKey)) {
                            lag.put(group, behind(mine, committed, first, end));
                        }
                    });
                    long records = mine.stream()
                            .mapToLong(partition -> end.getOrDefault(partition, 0L) - first.getOrDefault(partition, 0L))
                            .sum();
                    return new State(spec.name(), mine.size(), records, lag);
                })
                .toList();
    }

    private static long behind(
            List<TopicPartition> partitions,
            Map<TopicPartition, OffsetAndMetadata> committed,
            Map<TopicPartition, Long> first,
            Map<TopicPartition, Long> end) {
        return partitions.stream()
                .mapToLong(partition -> {
                    OffsetAndMetadata at = committed.get(partition);
                    long done = at == null ? first.getOrDefault(partition, 0L) : at.offset();
                    return Math.max(0, end.getOrDefault(partition, 0L) - done);
                })
                .sum();
    }

    private List<TopicPartition> partitions(List<TopicSpec> specs) {
        List<TopicPartition> partitions = new ArrayList<>();
        await(admin.describeTopics(specs.stream().map(TopicSpec::name).toList()).allTopicNames())
                .forEach((name, description) -> description
                        .partitions()
                        .forEach(info -> partitions.add(new TopicPartition(name, info.partition()))));
        return partitions;
    }

    private Map<TopicPartition, Long> offsets(List<TopicPartition> partitions, OffsetSpec which) {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        partitions.forEach(partition -> asked.put(partition, which));
        Map<TopicPartition, Long> offsets = new HashMap<>();
        await(admin.listOffsets(asked).all()).forEach((partition, found) -> offsets.put(partition, found.offset()));
        return offsets;
    }

    private Map<String, Map<TopicPartition, OffsetAndMetadata>> groups() {
        Map<String, Map<TopicPartition, OffsetAndMetadata>> groups = new HashMap<>();
        String prefix = clients.groupId("");
        for (GroupListing group : await(admin.listGroups().all())) {
            if (group.groupId().startsWith(prefix)) {
                groups.put(
                        group.groupId(),
                        await(admin.listConsumerGroupOffsets(group.groupId()).partitionsToOffsetAndMetadata()));
            }
        }
        return groups;
    }

    private static <T> T await(KafkaFuture<T> future) {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientBrokerException("interrupted while the topics were looked at", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new TransientBrokerException("the topics cannot be looked at now", e);
        }
    }

    @Override
    public void close() {
        admin.close();
    }
}
