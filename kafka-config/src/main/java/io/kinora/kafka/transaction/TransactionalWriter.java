package io.kinora.kafka.transaction;

import io.kinora.kafka.TransientBrokerException;
import io.kinora.kafka.client.KafkaClients;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes results and the offset of what they were made from in one transaction each. One writer serves one input
 * partition, under a transactional id that each owner of the partition uses in turn: opening a writer fences the one
 * before, wherever it runs.
 *
 * <p>Every call blocks for some requests to the cluster: run it on a dispatcher of its own. Thread-safe; calls go one
 * after the other.
 */
public final class TransactionalWriter implements AutoCloseable {
    /*
     * Why nothing is committed twice.
     *
     * Between two opens of the same transactional id, the cluster lets only the last opener commit. So the one danger
     * is an opener that does not know what was committed before it opened: a former owner that opens again after a
     * failure, or a commit whose reply was lost. Hence the first transaction after each open looks at the group's
     * offset first, and does nothing when its input is already behind it. Later ones look at what this writer has
     * committed itself: nobody else can have committed meanwhile without fencing it.
     */
    private static final Logger LOG = LoggerFactory.getLogger(TransactionalWriter.class);

    private final KafkaClients clients;
    private final String transactionalId;
    private final Duration timeout;
    private Optional<Producer<byte[], byte[]>> producer = Optional.empty();
    private final Map<TopicPartition, Long> done = new HashMap<>(); // offsets behind what this writer has committed
    private boolean knowsCommitted;
    private Optional<FencedException> fenced = Optional.empty();

    private TransactionalWriter(KafkaClients clients, String transactionalId) {
        this.clients = clients;
        this.transactionalId = transactionalId;
        this.timeout = clients.settings().requestTimeout();
    }

    /** What became of a transaction. */
    public enum Outcome {
        /** It is decided: its marks reach the partitions, and readers see all of it, within moments. */
        COMMITTED,
        /** Its input had been done with before, by this writer or a former owner; nothing was written. */
        ALREADY_DONE
    }

    /**
     * Opens a writer and fences every other of this id; an unfinished transaction of theirs is aborted.
     *
     * @param transactionalId see {@link KafkaClients#transactionalId}
     * @throws TransientBrokerException when the cluster did not answer
     * @throws RejectedTransactionException when the id may not be used
     */
    public static TransactionalWriter open(KafkaClients clients, String transactionalId) {
        TransactionalWriter writer = new TransactionalWriter(clients, Objects.requireNonNull(transactionalId));
        writer.initialise();
        return writer;
    }

    /**
     * Makes the transaction visible, all of it. When this throws, nothing of it is visible, and only after
     * {@link TransientBrokerException} does it make sense to try the same again. One case stays open: when the reply to
     * a commit is lost and nothing was consumed, the outcome is not known; the message says so.
     *
     * @throws TransientBrokerException when the cluster could not do it now
     * @throws FencedException when another writer of this id was opened, or the group gave the partition to another
     * @throws RejectedTransactionException when the cluster will never take these records
     */
    public synchronized Outcome commit(Transaction transaction) {
        if (fenced.isPresent()) {
            throw new FencedException("writer %s was fenced before".formatted(transactionalId), fenced.get());
        }
        Producer<byte[], byte[]> open = producer.orElseGet(this::initialise);
        if (transaction.consumed().isPresent()) {
            Transaction.Consumed consumed = transaction.consumed().get();
            if (isOwnDone(consumed) || (!knowsCommitted && isDone(consumed))) {
                return Outcome.ALREADY_DONE;
            }
            knowsCommitted = true;
        }
        begin(open, transaction);
        Outcome outcome = finish(open, transaction);
        transaction.consumed().ifPresent(consumed -> consumed.next()
                .forEach((partition, next) -> done.put(partition, next.offset())));
        return outcome;
    }

    private boolean isOwnDone(Transaction.Consumed consumed) {
        return consumed.next().entrySet().stream()
                .allMatch(next ->
                        done.getOrDefault(next.getKey(), 0L) >= next.getValue().offset());
    }

    private void begin(Producer<byte[], byte[]> open, Transaction transaction) {
        try {
            open.beginTransaction();
            List<RecordMetadata> places = send(open, transaction.records());
            send(open, transaction.following().apply(places));
            if (transaction.consumed().isPresent()) {
                Transaction.Consumed consumed = transaction.consumed().get();
                open.sendOffsetsToTransaction(consumed.next(), consumed.group());
            }
        } catch (KafkaException e) {
            throw aborted(open, e);
        } catch (RuntimeException e) {
            // The caller's own function failed: leave no transaction open behind it.
            abort(open);
            throw e;
        }
    }

    private static List<RecordMetadata> send(
            Producer<byte[], byte[]> open, List<ProducerRecord<byte[], byte[]>> records) {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (ProducerRecord<byte[], byte[]> next : records) {
            sent.add(open.send(next));
        }
        open.flush();
        List<RecordMetadata> places = new ArrayList<>();
        for (Future<RecordMetadata> future : sent) {
            places.add(place(future));
        }
        return places;
    }

    private static RecordMetadata place(Future<RecordMetadata> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException kafka ? kafka : new KafkaException(e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private Outcome finish(Producer<byte[], byte[]> open, Transaction transaction) {
        try {
            open.commitTransaction();
            return Outcome.COMMITTED;
        } catch (org.apache.kafka.common.errors.TimeoutException | InterruptException e) {
            return resolve(transaction, e);
        } catch (KafkaException e) {
            throw aborted(open, e);
        }
    }

    /** The reply to a commit was lost: open again, which ends the transaction one way or the other, and look. */
    private Outcome resolve(Transaction transaction, KafkaException lost) {
        LOG.warn("{}: no reply to a commit, looking for its outcome", transactionalId, lost);
        drop();
        initialise();
        if (transaction.consumed().isPresent() && isDone(transaction.consumed().get())) {
            return Outcome.COMMITTED;
        }
        throw new TransientBrokerException(
                "%s: no reply to a commit; %s"
                        .formatted(
                                transactionalId,
                                transaction.consumed().isPresent()
                                        ? "it did not take effect"
                                        : "without an offset in it, whether it took effect is not known"),
                lost);
    }

    private RuntimeException aborted(Producer<byte[], byte[]> open, KafkaException cause) {
        // Always: a transaction that stays open hides what comes behind it from every reader until it times out.
        Optional<KafkaException> abortFailure = abort(open);
        boolean isFenced = TransactionFailures.isFence(cause)
                || abortFailure.filter(TransactionFailures::isFence).isPresent();
        if (isFenced) {
            return fence(cause);
        }
        return TransactionFailures.isTransient(cause)
                ? new TransientBrokerException("%s: %s".formatted(transactionalId, cause.getMessage()), cause)
                : new RejectedTransactionException("%s: %s".formatted(transactionalId, cause.getMessage()), cause);
    }

    private Optional<KafkaException> abort(Producer<byte[], byte[]> open) {
        try {
            open.abortTransaction();
            return Optional.empty();
        } catch (KafkaException e) {
            // A producer that cannot even abort is of no more use; the next open aborts in its place.
            LOG.debug("{}: abort failed", transactionalId, e);
            drop();
            return Optional.of(e);
        }
    }

    private FencedException fence(KafkaException cause) {
        drop();
        FencedException failure = new FencedException(
                "%s: another owner works on this partition now (%s)".formatted(transactionalId, cause.getMessage()),
                cause);
        fenced = Optional.of(failure);
        return failure;
    }

    private Producer<byte[], byte[]> initialise() {
        Producer<byte[], byte[]> fresh = clients.transactionalProducer(transactionalId);
        try {
            fresh.initTransactions();
        } catch (KafkaException e) {
            fresh.close(Duration.ZERO);
            throw TransactionFailures.isTransient(e)
                    ? new TransientBrokerException(
                            "%s: transactions cannot begin: %s".formatted(transactionalId, e.getMessage()), e)
                    : new RejectedTransactionException(
                            "%s: transactions cannot begin: %s".formatted(transactionalId, e.getMessage()), e);
        }
        knowsCommitted = false;
        producer = Optional.of(fresh);
        return fresh;
    }

    private boolean isDone(Transaction.Consumed consumed) {
        String group = consumed.group().groupId();
        try (Admin admin = clients.admin()) {
            Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(
                            group, new ListConsumerGroupOffsetsOptions().requireStable(true))
                    .partitionsToOffsetAndMetadata()
                    .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return consumed.next().entrySet().stream().allMatch(next -> {
                OffsetAndMetadata done = committed.get(next.getKey());
                return done != null && done.offset() >= next.getValue().offset();
            });
        } catch (ExecutionException | TimeoutException e) {
            throw new TransientBrokerException(
                    "%s: offsets of group %s cannot be read".formatted(transactionalId, group), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientBrokerException("%s: interrupted".formatted(transactionalId), e);
        }
    }

    private void drop() {
        producer.ifPresent(open -> open.close(Duration.ZERO));
        producer = Optional.empty();
    }

    /** Ends the writer without waiting; a transaction that is open elsewhere is not touched. */
    @Override
    public synchronized void close() {
        drop();
    }
}
