package io.kinora.kafka.follow;

import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.client.KafkaClients;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest records of a topic, and those that come, read by a thread of its own. Committed records only; one that cannot be read is passed over.
 * Thread-safe.
 *
 * @param <T> what a record is read as
 */
public final class RecentRecords<T> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RecentRecords.class);

    private final int most;
    private final Function<ConsumerRecord<byte[], byte[]>, T> read;
    private final Deque<T> kept = new ArrayDeque<>();
    private final Listeners<T> listeners = new Listeners<>();
    private final Follower follower;

    private RecentRecords(
            KafkaClients clients, String topic, int most, Function<ConsumerRecord<byte[], byte[]>, T> read) {
        this.most = most;
        this.read = read;
        this.follower = new Follower(clients, topic, OptionalLong.of(most), this::take);
    }

    /**
     * Starts to read a topic; returns at once.
     *
     * @param most how many are kept
     * @param read what a record says; a {@link MalformedRecordException} for one that says nothing
     */
    public static <T> RecentRecords<T> start(
            KafkaClients clients, String topic, int most, Function<ConsumerRecord<byte[], byte[]>, T> read) {
        RecentRecords<T> records = new RecentRecords<>(clients, topic, most, read);
        records.follower.start();
        return records;
    }

    /** Those that are kept, in the order in which they came. */
    public List<T> newest() {
        synchronized (kept) {
            return List.copyOf(kept);
        }
    }

    /**
     * Tells somebody of the last so many of those that are kept, then of all that comes, until the result is closed; by the thread that reads, which must not
     * be held up.
     */
    public Listening listen(int last, Consumer<T> listener) {
        synchronized (kept) {
            kept.stream().skip(Math.max(0, kept.size() - last)).forEach(listener);
            return listeners.add(listener);
        }
    }

    /** Completes when all that the topic held at the moment of the call has been read. */
    public CompletionStage<Void> whenCaughtUp() {
        return follower.whenCaughtUp();
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        T body;
        try {
            body = read.apply(record);
        } catch (MalformedRecordException e) {
            LOG.warn(
                    "{}-{}@{} is passed over: {}", record.topic(), record.partition(), record.offset(), e.getMessage());
            return;
        }
        synchronized (kept) {
            kept.addLast(body);
            if (kept.size() > most) {
                kept.removeFirst();
            }
            listeners.tell(body);
        }
    }

    /** Ends the thread and waits for it. */
    @Override
    public void close() {
        follower.close();
    }
}
