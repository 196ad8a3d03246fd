package io.kinora.actors.pipeline;

import akka.Done;
import akka.NotUsed;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Props;
import akka.kafka.Subscriptions;
import akka.kafka.javadsl.Consumer;
import akka.stream.KillSwitches;
import akka.stream.RestartSettings;
import akka.stream.UniqueKillSwitch;
import akka.stream.javadsl.Keep;
import akka.stream.javadsl.RestartSource;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.job.JobStates;
import io.kinora.kafka.record.JobState;
import io.kinora.kafka.topic.Topic;
import io.kinora.kafka.transaction.FencedException;
import io.kinora.kafka.transaction.TransactionalWriter;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the prompts, and gives each partition a {@link JobOwner}, for as long as this node has the partition.
 *
 * <pre>
 *   for each partition:  fence the last owner ─ read the jobs' states ─ own them ─ prompts, one after the other: decided, written, next
 * </pre>
 */
final class JobPipeline {
    private static final Logger LOG = LoggerFactory.getLogger(JobPipeline.class);
    private static final String ROLE = "prompts";
    private static final int MOST_PARTITIONS = 1024;
    private static final Duration FIRST_RETRY = Duration.ofMillis(200);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(10);

    private final ActorSystem<?> system;
    private final JobTools tools;
    private final String topic;
    private final AtomicReference<Consumer.Control> consumer = new AtomicReference<>(Consumer.createNoopControl());

    JobPipeline(ActorSystem<?> system, JobTools tools) {
        this.system = system;
        this.tools = tools;
        this.topic = tools.clients().settings().topics().name(Topic.PROMPTS);
    }

    /** Starts reading; a failure starts it again, with back-off, from the committed offsets. */
    PipelineControl start() {
        RestartSettings restarts = RestartSettings.create(FIRST_RETRY, LONGEST_RETRY, 0.2);
        var running = RestartSource.onFailuresWithBackoff(restarts, this::partitions)
                .viaMat(KillSwitches.single(), Keep.right())
                .toMat(Sink.ignore(), Keep.both())
                .named("prompts-pipeline")
                .run(system);
        UniqueKillSwitch stop = running.first();
        CompletionStage<Done> ended =
                running.second().thenCompose(done -> consumer.get().isShutdown());
        return new PipelineControl(stop::shutdown, ended);
    }

    private Source<Done, NotUsed> partitions() {
        return Consumer.plainPartitionedSource(
                        tools.clients().alpakkaConsumer(system, ROLE), Subscriptions.topics(topic))
                .mapMaterializedValue(control -> {
                    consumer.set(control);
                    return NotUsed.getInstance();
                })
                .mapAsyncUnordered(MOST_PARTITIONS, part -> partition(part.first(), part.second()));
    }

    private CompletionStage<Done> partition(
            TopicPartition input, Source<ConsumerRecord<byte[], byte[]>, NotUsed> stream) {
        PartitionRecords records = new PartitionRecords(stream, 0);
        CompletableFuture<Done> stopped = new CompletableFuture<>();
        CompletionStage<Done> ended =
                stopped.exceptionallyCompose(failure -> cause(failure) instanceof FencedException fence
                        ? records.fenced(fence)
                        : CompletableFuture.failedStage(cause(failure)));
        return CompletableFuture.supplyAsync(() -> open(input, stopped), tools.transactions())
                .thenCompose(owner -> records.inOrder()
                        .mapAsync(1, record -> handled(owner, record))
                        .merge(Source.completionStage(ended), true) // an owner that has stopped reads no further
                        .runWith(Sink.ignore(), system)
                        .handle((done, failure) -> {
                            owner.tell(new JobOwner.Stop());
                            return ended;
                        })
                        .thenCompose(end -> end))
                .exceptionally(failure -> {
                    if (cause(failure) instanceof FencedException) {
                        LOG.info("{} was given to another owner", input);
                        return Done.getInstance();
                    }
                    LOG.warn(
                            "{} is read again from its committed offset: {}",
                            input,
                            cause(failure).toString());
                    throw new CompletionException(cause(failure));
                });
    }

    /** Fences first, reads then: nothing can be written after what was read. */
    private ActorRef<JobOwner.Command> open(TopicPartition input, CompletableFuture<Done> ended) {
        KafkaClients clients = tools.clients();
        TransactionalWriter writer =
                TransactionalWriter.open(clients, clients.transactionalId(ROLE, input.topic(), input.partition()));
        try {
            JobPartition partition = new JobPartition(input, partitionCount(clients), clients.groupId(ROLE));
            Map<String, JobState> states = JobStates.read(clients, tools.decoder());
            return system.systemActorOf(
                    JobOwner.create(tools, partition, writer, states, ended),
                    "jobs-%d-%s".formatted(input.partition(), UUID.randomUUID()),
                    Props.empty());
        } catch (RuntimeException e) {
            writer.close();
            throw e;
        }
    }

    private int partitionCount(KafkaClients clients) {
        try (var reader = clients.consumer("job-partitions", Map.of())) {
            return reader.partitionsFor(topic).size();
        }
    }

    private static CompletionStage<Done> handled(
            ActorRef<JobOwner.Command> owner, ConsumerRecord<byte[], byte[]> record) {
        CompletableFuture<Done> done = new CompletableFuture<>();
        owner.tell(new JobOwner.Handle(record, done));
        return done;
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
