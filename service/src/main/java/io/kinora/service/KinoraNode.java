package io.kinora.service;

import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import io.kinora.actors.CheckpointHosts;
import io.kinora.actors.HostSettings;
import io.kinora.actors.ModaVerseHosts;
import io.kinora.actors.adapter.CheckpointCard;
import io.kinora.actors.adapter.UntrainedCheckpoint;
import io.kinora.actors.answer.AnswerClient;
import io.kinora.actors.cluster.ClusterSettings;
import io.kinora.actors.cluster.Presence;
import io.kinora.actors.cluster.Role;
import io.kinora.actors.compose.ComposeClient;
import io.kinora.actors.metrics.ServingMetrics;
import io.kinora.actors.pipeline.Composing;
import io.kinora.actors.pipeline.JobSettings;
import io.kinora.actors.pipeline.Pipelines;
import io.kinora.actors.render.RenderClient;
import io.kinora.kafka.client.KafkaSettings;
import io.kinora.kafka.record.ModelIdentity;
import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.model.modaverse.ModaVerseFolder;
import io.kinora.service.http.ClusterBooks;
import io.kinora.service.http.ClusterFacts;
import io.kinora.service.http.HttpFace;
import io.kinora.service.http.HttpSettings;
import io.kinora.service.http.NodeFacts;
import io.kinora.service.http.PrometheusPage;
import io.kinora.service.http.ServedModaVerse;
import io.kinora.service.http.ServedModel;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A running Kinora: an engine, a checkpoint in actors, and, once connected, its pipelines on Kafka. Closing it stops all of them. */
public final class KinoraNode implements AutoCloseable {
    /** Where Kinora is installed, as its launcher says. */
    private static final String HOME_PROPERTY = "kinora.home";

    private static final Duration STOPPING = Duration.ofSeconds(40);

    private final Config config;
    private final Engine engine;
    private final ActorSystem<Void> system;
    private final ClusterMembership membership;
    private final Hosts hosts;
    private final ServingMetrics metrics;
    private final PrometheusPage page;
    private final TraceExport traces;
    private final Instant started = Instant.now();

    private KinoraNode(
            Config config,
            Engine engine,
            ActorSystem<Void> system,
            ClusterMembership membership,
            Hosts hosts,
            ServingMetrics metrics,
            PrometheusPage page,
            TraceExport traces) {
        this.traces = traces;
        this.membership = membership;
        this.config = config;
        this.engine = engine;
        this.system = system;
        this.hosts = hosts;
        this.metrics = metrics;
        this.page = page;
    }

    /**
     * What is served: a checkpoint, a ModaVerse, or both; what a ModaVerse alone is, the checkpoint's card says.
     *
     * @param presence of the nodes that it depends on
     */
    private record Hosts(CheckpointHosts checkpoint, Optional<ModaVerseHosts> modaVerse, Presence presence) {}

    /**
     * Opens the engine, the checkpoint that the configuration names, and a ModaVerse beside it where it names one. A checkpoint that is itself a ModaVerse
     * is served alone.
     *
     * @throws io.kinora.tensor.EngineUnavailableException if no engine can run here
     * @throws io.kinora.model.checkpoint.CheckpointException if the checkpoint cannot be used
     * @throws IOException if the untrained checkpoint cannot be written
     */
    public static KinoraNode start(Config config) throws IOException {
        Config kinora = config.getConfig("kinora");
        Engine engine = Engines.open(kinora.getString("engine"), Device.parse(kinora.getString("device")));
        Path checkpoint = checkpoint(kinora, engine);
        PrometheusPage page = new PrometheusPage();
        ServingMetrics metrics = new ServingMetrics(page.registry());
        CompletableFuture<Hosts> spawned = new CompletableFuture<>();
        TraceExport traces = TraceExport.open(config);
        ActorSystem<Void> system = ActorSystem.create(
                guardian(checkpoint, engine, config, metrics, spawned),
                "kinora",
                traces.system(ClusterSettings.applied(config)));
        try {
            Hosts hosts = spawned.join();
            ClusterMembership membership = ClusterMembership.begin(system, config);
            return new KinoraNode(config, engine, system, membership, hosts, metrics, page, traces);
        } catch (CompletionException e) {
            system.terminate();
            traces.close();
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private static Path checkpoint(Config kinora, Engine engine) throws IOException {
        if (!kinora.getString("checkpoint").isEmpty()) {
            return Path.of(kinora.getString("checkpoint"));
        }
        Optional<Path> shipped = Optional.ofNullable(System.getProperty(HOME_PROPERTY))
                .map(home -> Path.of(home, "checkpoints", "kinora-shapes"))
                .filter(Files::isDirectory);
        if (shipped.isPresent()) {
            return shipped.get();
        }
        Path untrained =
                Path.of(kinora.getString("data-dir")).resolve("checkpoints").resolve("kinora-untrained");
        UntrainedCheckpoint.makeIfAbsent(untrained, engine);
        return untrained;
    }

    private static Behavior<Void> guardian(
            Path checkpoint, Engine engine, Config config, ServingMetrics metrics, CompletableFuture<Hosts> spawned) {
        return Behaviors.setup(context -> {
            try {
                spawned.complete(spawn(context, checkpoint, engine, config, metrics));
                return Behaviors.empty();
            } catch (RuntimeException e) {
                spawned.completeExceptionally(e);
                return Behaviors.stopped();
            }
        });
    }

    private static Hosts spawn(
            ActorContext<Void> context, Path checkpoint, Engine engine, Config config, ServingMetrics metrics) {
        ClusterSettings cluster = ClusterSettings.from(config);
        if (!cluster.answers()) {
            return new Hosts(offer(context, checkpoint, engine, config, metrics), Optional.empty(), Presence.alone());
        }
        Presence presence =
                cluster.enabled() ? Presence.watch(context, CheckpointHosts.places(checkpoint)) : Presence.alone();
        if (ModaVerseFolder.isOne(checkpoint)) {
            ModaVerseHosts alone = ModaVerseHosts.spawn(context, checkpoint, engine, config, Optional.empty(), metrics);
            return new Hosts(CheckpointHosts.none(alone.card()), Optional.of(alone), presence);
        }
        CheckpointHosts hosts = CheckpointHosts.spawn(context, checkpoint, engine, HostSettings.from(config), metrics);
        return new Hosts(
                hosts,
                Optional.of(config.getString("kinora.modaverse.checkpoint"))
                        .filter(folder -> !folder.isEmpty())
                        .map(folder -> ModaVerseHosts.spawn(
                                context, Path.of(folder), engine, config, Optional.of(hosts), metrics.beside())),
                presence);
    }

    /** What a node has for the others that neither reads nor serves. */
    private static CheckpointHosts offer(
            ActorContext<Void> context, Path checkpoint, Engine engine, Config config, ServingMetrics metrics) {
        if (ModaVerseFolder.isOne(checkpoint)) {
            ModaVerseHosts.offer(context, checkpoint, engine, config, metrics);
            return CheckpointHosts.none(CheckpointCard.of(checkpoint));
        }
        return CheckpointHosts.offer(context, checkpoint, engine, HostSettings.from(config), metrics);
    }

    /** The engine that it computes on. */
    public Engine engine() {
        return engine;
    }

    /** What the checkpoint is. */
    public CheckpointCard card() {
        return hosts.checkpoint().card();
    }

    /** What the ModaVerse is, where one is served. */
    public Optional<CheckpointCard> modaVerse() {
        return hosts.modaVerse().map(ModaVerseHosts::card);
    }

    /** What its actors count and time. */
    public ServingMetrics metrics() {
        return metrics;
    }

    /** What it does in a cluster; everything, where there is none. */
    public ClusterSettings cluster() {
        return ClusterSettings.from(config);
    }

    /** Has the end of the JVM wait for something, for which the connections to other nodes stay open. */
    public void atExit(Runnable waiting) {
        // Akka closes the connections in a hook of its own, as soon as the hooks that it knows of are done.
        CoordinatedShutdown.get(system).addJvmShutdownHook(waiting);
    }

    /** Why its actor system has ended though nobody closed it. */
    public String loss() {
        return membership.loss();
    }

    /** The actor system that streams run on; it ends by itself when the node's cluster has refused or removed it. */
    public ActorSystem<Void> system() {
        return system;
    }

    /**
     * Asks questions about clips.
     *
     * @throws CheckpointException if the checkpoint only makes clips or pictures
     */
    public AnswerClient answers() {
        return new AnswerClient(hosts.checkpoint()
                .answers()
                .orElseThrow(() -> new CheckpointException(
                        "checkpoint %s makes clips or pictures, but answers no questions".formatted(card().name()))));
    }

    /**
     * Makes clips or pictures.
     *
     * @throws CheckpointException if the checkpoint has no decoder
     */
    public RenderClient renders() {
        return new RenderClient(hosts.checkpoint()
                .renders()
                .orElseThrow(() ->
                        new CheckpointException("checkpoint %s has no decoder: it answers questions, but makes no clips"
                                .formatted(card().name()))));
    }

    /**
     * Carries out instructions with media.
     *
     * @throws CheckpointException if no ModaVerse is served
     */
    public ComposeClient composes() {
        return new ComposeClient(hosts.modaVerse()
                .orElseThrow(() -> new CheckpointException(
                        "checkpoint %s is no ModaVerse: it takes questions about clips only".formatted(card().name())))
                .desk());
    }

    /** Whether what the checkpoint makes is clips, as opposed to pictures. */
    public boolean makesClips() {
        return hosts.checkpoint().makesClips();
    }

    /**
     * Reads questions, prompts and instructions from the Kafka cluster of these settings, if that is the node's to do, and writes what comes of them to it, until
     * the result is closed.
     */
    public Pipelines connect(KafkaSettings kafka) {
        boolean reads = cluster().roles().contains(Role.INGEST);
        return Pipelines.start(
                system,
                kafka,
                "/kinora/" + kafka.clientId(),
                identity(card()),
                reads ? hosts.checkpoint().answers() : Optional.empty(),
                reads ? hosts.checkpoint().renders() : Optional.empty(),
                hosts.modaVerse()
                        .filter(modaVerse -> reads)
                        .map(modaVerse -> new Composing(
                                modaVerse.desk(),
                                identity(modaVerse.card()),
                                config.getInt("kinora.pipelines.instructions-at-once"))),
                config.getInt("kinora.pipelines.questions-at-once"),
                JobSettings.from(config),
                metrics);
    }

    private static ModelIdentity identity(CheckpointCard card) {
        return new ModelIdentity(card.name(), card.revision(), card.untrained());
    }

    /**
     * Serves HTTP until the result is closed.
     *
     * @param books what is known of the cluster
     * @throws io.kinora.service.http.HttpUnavailableException if the port or the certificate cannot be used
     */
    public HttpFace listen(ClusterBooks books) {
        return listen(books, HttpSettings.from(config));
    }

    /** {@link #listen(ClusterBooks)} with other settings than the configuration's. */
    public HttpFace listen(ClusterBooks books, HttpSettings settings) {
        ServedModel.Makes makes = hosts.checkpoint().renders().isEmpty()
                ? ServedModel.Makes.NOTHING
                : makesClips() ? ServedModel.Makes.CLIPS : ServedModel.Makes.PICTURES;
        return HttpFace.start(
                system,
                settings,
                new ServedModel(card(), hosts.checkpoint().answers().map(AnswerClient::new), makes),
                hosts.modaVerse()
                        .map(modaVerse -> new ServedModaVerse(modaVerse.card(), new ComposeClient(modaVerse.desk()))),
                page,
                new NodeFacts.Setting(
                        engine.name(),
                        engine.device().toString(),
                        config.getInt("kinora.language-model.stages"),
                        started,
                        Optional.of(hosts.presence())
                                .filter(presence -> cluster().enabled())
                                .map(presence -> new ClusterFacts(system, presence))),
                books);
    }

    @Override
    public void close() {
        system.terminate();
        try {
            system.getWhenTerminated().toCompletableFuture().get(STOPPING.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the actor system did not stop", e);
        }
        traces.close();
        engine.close();
        page.close();
    }
}
