package io.kinora.actors.pipeline;

import akka.Done;
import akka.NotUsed;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.kafka.AutoSubscription;
import akka.kafka.Subscriptions;
import akka.kafka.javadsl.Consumer;
import akka.pattern.Patterns;
import akka.stream.KillSwitches;
import akka.stream.RestartSettings;
import akka.stream.UniqueKillSwitch;
import akka.stream.javadsl.Keep;
import akka.stream.javadsl.RestartSource;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import io.kinora.actors.metrics.ServingMetrics;
import io.kinora.kafka.TransientBrokerException;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.transaction.FencedException;
import io.kinora.kafka.transaction.Transaction;
import io.kinora.kafka.transaction.TransactionalWriter;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads an input topic, works on its records, and commits each result together with the record's offset.
 *
 * <pre>
 *   for each partition:  records ─ work (several at once, results in order) ─ one short transaction each: result + offset
 * </pre>
 *
 * <p>Work never runs inside a transaction (docs/adr/0005). A record whose work was interrupted, by a crash or a rebalance, is read again by whoever
 * owns the partition next; its writer fences this one's, so that no result is committed twice.
 */
final class TransactionalPipeline {
    private static final Logger LOG = LoggerFactory.getLogger(TransactionalPipeline.class);
    private static final int MOST_PARTITIONS = 1024;
    private static final Duration FIRST_RETRY = Duration.ofMillis(200);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(10);

    private final ActorSystem<?> system;
    private final KafkaClients clients;
    private final String role;
    private final AutoSubscription topics;
    private final int parallelism;
    private final Supplier<RecordWork> works;
    private final ServingMetrics metrics;
    private final Executor transactions;
    private final AtomicReference<Consumer.Control> consumer = new AtomicReference<>(Consumer.createNoopControl());

    /**
     * @param role what the pipeline is for; part of its consumer group and transactional ids
     * @param topic what it reads
     * @param parallelism records of one partition that are worked on at once
     * @param works makes what works on a partition's records, each time a partition is taken over and all that was committed before is visible
     * @param metrics hears of what is committed
     */
    TransactionalPipeline(
            ActorSystem<?> system,
            KafkaClients clients,
            String role,
            String topic,
            int parallelism,
            Supplier<RecordWork> works,
            ServingMetrics metrics) {
        this(system, clients, role, Subscriptions.topics(topic), parallelism, works, metrics);
    }

    /**
     * As the other one.
     *
     * @param topics what it reads: several topics, or a pattern of their names
     */
    TransactionalPipeline(
            ActorSystem<?> system,
            KafkaClients clients,
            String role,
            AutoSubscription topics,
            int parallelism,
            Supplier<RecordWork> works,
            ServingMetrics metrics) {
        this.system = system;
        this.clients = clients;
        this.role = role;
        this.topics = topics;
        this.parallelism = parallelism;
        this.works = works;
        this.metrics = metrics;
        this.transactions =
                system.dispatchers().lookup(DispatcherSelector.fromConfig("kinora.dispatchers.transactions"));
    }

    /** Starts reading; a failure starts it again, with back-off, from the committed offsets. */
    PipelineControl start() {
        RestartSettings restarts = RestartSettings.create(FIRST_RETRY, LONGEST_RETRY, 0.2);
        var running = RestartSource.onFailuresWithBackoff(restarts, this::partitions)
                .viaMat(KillSwitches.single(), Keep.right())
                .toMat(Sink.ignore(), Keep.both())
                .named(role + "-pipeline")
                .run(system);
        UniqueKillSwitch stop = running.first();
        CompletionStage<Done> ended =
                running.second().thenCompose(done -> consumer.get().isShutdown());
        return new PipelineControl(stop::shutdown, ended);
    }

    private Source<Done, NotUsed> partitions() {
        return Consumer.plainPartitionedSource(clients.alpakkaConsumer(system, role), topics)
                .mapMaterializedValue(control -> {
                    consumer.set(control);
                    return NotUsed.getInstance();
                })
                .mapAsyncUnordered(MOST_PARTITIONS, part -> partition(part.first(), part.second()));
    }

    private CompletionStage<Done> partition(
            TopicPartition partition, Source<ConsumerRecord<byte[], byte[]>, NotUsed> stream) {
        String transactionalId = clients.transactionalId(role, partition.topic(), partition.partition());
        return CompletableFuture.supplyAsync(() -> takeOver(partition, transactionalId), transactions)
                .thenCompose(owned -> committed(partition, owned, new PartitionRecords(stream, owned.next())))
                .exceptionally(failure -> {
                    if (cause(failure) instanceof FencedException) {
                        LOG.info("{} was given to another owner", partition);
                        return Done.getInstance();
                    }
                    LOG.warn(
                            "{} is read again from its committed offset: {}",
                            partition,
                            cause(failure).toString());
                    throw new CompletionException(cause(failure));
                });
    }

    private CompletionStage<Done> committed(TopicPartition partition, Owned owned, PartitionRecords records) {
        return worked(records.inOrder(), works.get())
                .mapAsync(1, finished -> commit(owned.writer(), partition, finished, FIRST_RETRY)
                        .exceptionallyCompose(failure -> cause(failure) instanceof FencedException fence
                                ? records.fenced(fence)
                                : CompletableFuture.failedStage(cause(failure))))
                .runWith(Sink.ignore(), system)
                .whenComplete((done, failure) -> owned.writer().close());
    }

    private record Finished(long offset, RecordWork.Result result, long readAt) {}

    /**
     * A partition that is worked on.
     *
     * @param next the first offset whose work is not committed
     */
    private record Owned(TransactionalWriter writer, long next) {}

    private Owned takeOver(TopicPartition partition, String transactionalId) {
        TransactionalWriter writer = TransactionalWriter.open(clients, transactionalId);
        try {
            return new Owned(writer, next(partition));
        } catch (RuntimeException e) {
            writer.close();
            throw e;
        }
    }

    /**
     * The offset to go on from. Whoever owned the partition before may have committed more while it was handed over; now that its writer is fenced, what is
     * committed is final.
     */
    private long next(TopicPartition partition) {
        ListConsumerGroupOffsetsOptions settled = new ListConsumerGroupOffsetsOptions().requireStable(true);
        try (Admin admin = clients.admin()) {
            OffsetAndMetadata committed = admin.listConsumerGroupOffsets(clients.groupId(role), settled)
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .get(partition);
            return committed == null ? 0 : committed.offset();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientBrokerException(
                    "interrupted while the offset of %s was asked for".formatted(partition), e);
        } catch (ExecutionException e) {
            throw new TransientBrokerException("the offset of %s could not be read".formatted(partition), e.getCause());
        }
    }

    private Source<Finished, NotUsed> worked(Source<ConsumerRecord<byte[], byte[]>, NotUsed> records, RecordWork work) {
        return records.mapAsync(parallelism, record -> work(work, record));
    }

    private static CompletionStage<Finished> work(RecordWork work, ConsumerRecord<byte[], byte[]> record) {
        long readAt = System.nanoTime();
        return work.done(record).thenApply(result -> new Finished(record.offset(), result, readAt));
    }

    private CompletionStage<Done> commit(
            TransactionalWriter writer, TopicPartition partition, Finished finished, Duration retryAfter) {
        Transaction.Consumed consumed = Transaction.Consumed.upTo(clients.groupId(role), partition, finished.offset());
        CompletionStage<Done> committed = finished.result()
                .now()
                .thenApplyAsync(
                        transaction -> {
                            writer.commit(transaction.consuming(consumed));
                            count(partition.topic(), transaction);
                            metrics.recordCommitted(role, Duration.ofNanos(System.nanoTime() - finished.readAt()));
                            return Done.getInstance();
                        },
                        transactions);
        return committed
                .handle((done, failure) -> {
                    if (failure == null || !(cause(failure) instanceof TransientBrokerException)) {
                        return committed;
                    }
                    LOG.warn(
                            "{} is not committed yet: {}",
                            partition,
                            cause(failure).getMessage());
                    Duration longer = retryAfter.multipliedBy(2);
                    return Patterns.after(
                            retryAfter,
                            system.classicSystem(),
                            () -> commit(
                                    writer,
                                    partition,
                                    finished,
                                    longer.compareTo(LONGEST_RETRY) < 0 ? longer : LONGEST_RETRY));
                })
                .thenCompose(stage -> stage);
    }

    private void count(String topic, Transaction committed) {
        String deadLetters = clients.settings().topics().deadLetterName(topic);
        committed.records().stream()
                .filter(record -> record.topic().equals(deadLetters))
                .flatMap(record -> RecordEncoder.deadLetterCode(record.headers()).stream())
                .forEach(code -> metrics.deadLettered(role, code));
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
