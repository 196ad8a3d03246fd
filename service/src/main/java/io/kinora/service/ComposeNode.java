package io.kinora.service;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import io.kinora.actors.ModaVerseHosts;
import io.kinora.actors.adapter.CheckpointCard;
import io.kinora.actors.compose.ComposeClient;
import io.kinora.actors.metrics.ServingMetrics;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A running ModaVerse: an engine, the checkpoint in actors, and its generators. Closing it stops all of them. */
public final class ComposeNode implements AutoCloseable {
    private static final Duration STOPPING = Duration.ofSeconds(20);

    private final Engine engine;
    private final ActorSystem<Void> system;
    private final ModaVerseHosts hosts;

    private ComposeNode(Engine engine, ActorSystem<Void> system, ModaVerseHosts hosts) {
        this.engine = engine;
        this.system = system;
        this.hosts = hosts;
    }

    /**
     * Opens the engine, the checkpoint and the generators that the configuration names.
     *
     * @throws io.kinora.tensor.EngineUnavailableException if no engine can run here
     * @throws io.kinora.model.checkpoint.CheckpointException if a checkpoint cannot be used
     */
    public static ComposeNode start(Config config) {
        Config kinora = config.getConfig("kinora");
        Path checkpoint = Path.of(kinora.getString("checkpoint"));
        Engine engine = Engines.open(kinora.getString("engine"), Device.parse(kinora.getString("device")));
        ServingMetrics metrics = ServingMetrics.inMemory();
        CompletableFuture<ModaVerseHosts> spawned = new CompletableFuture<>();
        ActorSystem<Void> system = ActorSystem.create(
                Behaviors.setup(context -> {
                    try {
                        spawned.complete(ModaVerseHosts.spawn(context, checkpoint, engine, config, metrics));
                        return Behaviors.empty();
                    } catch (RuntimeException e) {
                        spawned.completeExceptionally(e);
                        return Behaviors.stopped();
                    }
                }),
                "kinora",
                config);
        try {
            return new ComposeNode(engine, system, spawned.join());
        } catch (CompletionException e) {
            system.terminate();
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /** What the checkpoint is. */
    public CheckpointCard card() {
        return hosts.card();
    }

    /** The actor system that streams run on. */
    public ActorSystem<Void> system() {
        return system;
    }

    /** Takes instructions with media. */
    public ComposeClient composes() {
        return new ComposeClient(hosts.desk());
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
        engine.close();
    }
}
