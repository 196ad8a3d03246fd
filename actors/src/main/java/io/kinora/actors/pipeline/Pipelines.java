package io.kinora.actors.pipeline;

import akka.Done;
import akka.actor.Cancellable;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.Props;
import io.kinora.actors.answer.AnswerClient;
import io.kinora.actors.answer.AnswerDesk;
import io.kinora.actors.cluster.ClusterSettings;
import io.kinora.actors.cluster.Role;
import io.kinora.actors.metrics.ServingMetrics;
import io.kinora.actors.render.JobScheduler;
import io.kinora.actors.render.RenderDesk;
import io.kinora.actors.session.SessionSettings;
import io.kinora.actors.session.SessionTools;
import io.kinora.actors.session.Sessions;
import io.kinora.actors.trace.Tracing;
import io.kinora.kafka.claim.ClaimCheckStore;
import io.kinora.kafka.claim.ClipPayloads;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.client.KafkaSettings;
import io.kinora.kafka.clip.ClipIndex;
import io.kinora.kafka.clip.ClipReader;
import io.kinora.kafka.clip.PieceReader;
import io.kinora.kafka.follow.CompactedTable;
import io.kinora.kafka.headers.Event;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.ClipTarget;
import io.kinora.kafka.record.ModelIdentity;
import io.kinora.kafka.record.Subscription;
import io.kinora.kafka.record.SubscriptionState;
import io.kinora.kafka.topic.Topic;
import io.kinora.kafka.topic.TopicCatalog;
import io.kinora.video.DecodeLimits;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;

/** Every pipeline of a node, with the clients they share. */
public final class Pipelines implements AutoCloseable {
    private static final Duration STOPPING = Duration.ofSeconds(10);

    private final List<PipelineControl> running = new ArrayList<>();
    private final List<AutoCloseable> clients = new ArrayList<>();
    private final ClipFetcher fetcher;
    private final ClipIndex index;

    private Pipelines(ClipFetcher fetcher, ClipIndex index) {
        this.fetcher = fetcher;
        this.index = index;
    }

    /**
     * Connects to the cluster and starts to read questions where the checkpoint answers them, and prompts where it makes clips.
     *
     * @param source name of this service in the events it writes
     * @param model the weights that answer and render
     * @param questionsAtOnce questions of one partition that are worked on at once
     * @param jobs how jobs are kept and dealt out
     * @param metrics hears of records, dead letters and clips
     */
    public static Pipelines start(
            ActorSystem<?> system,
            KafkaSettings settings,
            String source,
            ModelIdentity model,
            Optional<ActorRef<AnswerDesk.Command>> answers,
            Optional<ActorRef<RenderDesk.Command>> renders,
            int questionsAtOnce,
            JobSettings jobs,
            ServingMetrics metrics) {
        return start(
                system, settings, source, model, answers, renders, Optional.empty(), questionsAtOnce, jobs, metrics);
    }

    /**
     * As the other one, and starts to read instructions with media where somebody carries them out.
     *
     * @param composing who does
     */
    public static Pipelines start(
            ActorSystem<?> system,
            KafkaSettings settings,
            String source,
            ModelIdentity model,
            Optional<ActorRef<AnswerDesk.Command>> answers,
            Optional<ActorRef<RenderDesk.Command>> renders,
            Optional<Composing> composing,
            int questionsAtOnce,
            JobSettings jobs,
            ServingMetrics metrics) {
        Clock clock = Clock.systemUTC();
        Executor blocking = system.dispatchers().lookup(DispatcherSelector.fromConfig("kinora.dispatchers.blocking"));
        Tracing tracing = Tracing.get(system);
        TopicCatalog topics = settings.topics();
        KafkaClients clients = new KafkaClients(settings);
        RecordDecoder decoder = new RecordDecoder();
        RecordEncoder encoder = new RecordEncoder(topics, source);
        ClipPayloads payloads = new ClipPayloads(
                ClaimCheckStore.inFolder(
                        settings.claimCheck().folder(), settings.claimCheck().maxSize()),
                settings.claimCheck().inlineUpTo());

        ClipIndex index = ClipIndex.start(clients, topics.name(Topic.CLIPS), decoder, clock);
        ClipReader reader = new ClipReader(clients, Set.of(topics.name(Topic.CLIPS), topics.name(Topic.VIDEOS)), clock);
        ClipFetcher fetcher = new ClipFetcher(index, reader, decoder, payloads, blocking, metrics);
        Pipelines pipelines = new Pipelines(fetcher, index);
        pipelines.owned(index);
        pipelines.owned(reader);
        IntakeSettings intake = IntakeSettings.from(system.settings().config());
        boolean reads = answers.isPresent() || renders.isPresent() || composing.isPresent();
        if (reads && !intake.topics().isEmpty()) {
            PieceReader pieces = pipelines.owned(new PieceReader(
                    clients, intake.piecesWithin(), settings.claimCheck().maxSize()));
            pipelines.running.add(
                    ClipIntake.start(system, clients, intake, pieces, payloads, decoder, encoder, blocking, metrics));
        }
        Producer<byte[], byte[]> watched = pipelines.owned(clients.producer("progress"));
        answers.ifPresent(desk -> {
            ClipQuestions asked =
                    new ClipQuestions(system, new AnswerClient(desk), model, DecodeLimits.defaults(), clock);
            CompactedTable<Subscription> subscriptions = pipelines.owned(CompactedTable.start(
                    clients, topics.name(Topic.SUBSCRIPTIONS), record -> decoder.subscription(record)
                            .map(Event::body)));
            PartialAnswers partials = new PartialAnswers(watched, encoder);
            Sessions sessions = pipelines.sessions(
                    system, clients, decoder, encoder, new SessionConversations(fetcher, asked, partials), clock);
            QuestionWork questions =
                    new QuestionWork(fetcher, asked, partials, subscriptions, decoder, encoder, sessions, tracing);
            pipelines.running.add(new TransactionalPipeline(
                            system,
                            clients,
                            "questions",
                            topics.name(Topic.QUESTIONS),
                            questionsAtOnce,
                            () -> questions,
                            metrics)
                    .start());
            CompactedTable<SubscriptionState> states = pipelines.owned(CompactedTable.start(
                    clients, topics.name(Topic.SUBSCRIPTION_STATES), record -> decoder.subscriptionState(record)
                            .map(Event::body)));
            pipelines.running.add(new TransactionalPipeline(
                            system,
                            clients,
                            "standing",
                            topics.name(Topic.CLIPS),
                            questionsAtOnce,
                            () -> new StandingWork(
                                    subscriptions,
                                    states,
                                    index,
                                    asked,
                                    payloads,
                                    decoder,
                                    encoder,
                                    DecodeLimits.defaults(),
                                    blocking,
                                    tracing),
                            metrics)
                    .start());
            SubscriptionWork checked = new SubscriptionWork(decoder, encoder);
            pipelines.running.add(new TransactionalPipeline(
                            system,
                            clients,
                            "subscriptions",
                            topics.name(Topic.SUBSCRIPTIONS),
                            1,
                            () -> checked,
                            metrics)
                    .start());
        });
        renders.ifPresent(desk -> {
            JobTools tools = new JobTools(
                    clients,
                    decoder,
                    encoder,
                    payloads,
                    fetcher,
                    desk,
                    system.systemActorOf(
                            JobScheduler.create(jobs.atOnce(), jobs.weights()),
                            "job-scheduler-" + UUID.randomUUID(),
                            Props.empty()),
                    model,
                    jobs.keep(),
                    blocking,
                    system.dispatchers().lookup(DispatcherSelector.fromConfig("kinora.dispatchers.transactions")),
                    clock,
                    metrics,
                    tracing);
            pipelines.running.add(new JobPipeline(system, tools).start());
        });
        composing.ifPresent(composes -> {
            InstructionWork instructions = new InstructionWork(
                    system,
                    new InstructionMedia(fetcher),
                    new Composition(system, composes, payloads, blocking, clock),
                    decoder,
                    encoder,
                    clock,
                    tracing);
            pipelines.running.add(new TransactionalPipeline(
                            system,
                            clients,
                            "instructions",
                            topics.name(Topic.INSTRUCTIONS),
                            composes.atOnce(),
                            () -> instructions,
                            metrics)
                    .start());
        });
        return pipelines;
    }

    private Sessions sessions(
            ActorSystem<?> system,
            KafkaClients clients,
            RecordDecoder decoder,
            RecordEncoder encoder,
            SessionConversations answers,
            Clock clock) {
        SessionJournal journal = owned(new SessionJournal(
                clients,
                decoder,
                encoder,
                system.dispatchers().lookup(DispatcherSelector.fromConfig("kinora.dispatchers.transactions"))));
        SessionSettings settings = SessionSettings.from(system.settings().config());
        SessionTools tools = new SessionTools(journal, answers, settings, clock);
        Sessions sessions = ClusterSettings.from(system.settings().config()).enabled()
                ? Sessions.sharded(system, tools, Role.INGEST.label())
                : Sessions.local(system, tools);
        Cancellable sweep = system.scheduler()
                .scheduleAtFixedRate(
                        settings.idle(),
                        settings.idle(),
                        () -> journal.expired(clock.instant()).forEach(sessions::expire),
                        system.executionContext());
        owned(sweep::cancel);
        return sessions;
    }

    /**
     * The bytes of a clip on one of the service's own topics of clips; empty if nothing like it is known. Fails with {@link
     * io.kinora.kafka.clip.ClipGoneException} where there was one.
     */
    public CompletionStage<Optional<Blob>> clip(ClipTarget target) {
        return fetcher.fetch(target).thenApply(found -> found.map(ClipFetcher.Fetched::bytes));
    }

    /** Which clips there are; closed with the pipelines. */
    public ClipIndex index() {
        return index;
    }

    private <C extends AutoCloseable> C owned(C client) {
        clients.add(client);
        return client;
    }

    /** Stops reading and disconnects, waiting for both. What is not committed is worked on again after the next start. */
    @Override
    public void close() {
        running.forEach(PipelineControl::stop);
        running.forEach(pipeline -> pipeline.whenEnded()
                .toCompletableFuture()
                .handle((done, failure) -> Done.getInstance()) // streams of a system that is gone have ended, too
                .completeOnTimeout(Done.getInstance(), STOPPING.toSeconds(), TimeUnit.SECONDS)
                .exceptionally(failure -> Done.getInstance()) // of an actor system that is gone: it has ended too
                .join());
        for (AutoCloseable client : clients) {
            try {
                client.close();
            } catch (Exception e) {
                throw new IllegalStateException("a Kafka client did not close", e);
            }
        }
    }
}
