package io.kinora.actors;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kinora.actors.adapter.UntrainedCheckpoint;
import io.kinora.actors.metrics.ServingMetrics;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The small untrained checkpoint in the actors of a test. */
public final class UntrainedModel implements AutoCloseable {
    private final ActorTestKit kit;
    private final Engine engine;
    private final Path checkpoint;
    private final CheckpointHosts hosts;
    private final ServingMetrics metrics;

    private UntrainedModel(
            ActorTestKit kit, Engine engine, Path checkpoint, CheckpointHosts hosts, ServingMetrics metrics) {
        this.kit = kit;
        this.engine = engine;
        this.checkpoint = checkpoint;
        this.hosts = hosts;
        this.metrics = metrics;
    }

    /** Makes the checkpoint in a folder and hosts it. */
    public static UntrainedModel in(Path folder) throws IOException {
        return in(folder, Map.of());
    }

    /** {@link #in(Path)} with settings over the defaults. */
    public static UntrainedModel in(Path folder, Map<String, ?> settings) throws IOException {
        Engine engine = Engines.open("libtorch", Device.CPU);
        Path checkpoint = folder.resolve("checkpoint");
        UntrainedCheckpoint.makeIfAbsent(checkpoint, engine);
        Config config = ConfigFactory.parseMap(settings)
                .withFallback(ConfigFactory.parseMap(
                        Map.of("kinora.data-dir", folder.resolve("data").toString())))
                .withFallback(ConfigFactory.load());
        ActorTestKit kit = ActorTestKit.create("untrained", config);
        ServingMetrics metrics = ServingMetrics.inMemory();
        CompletableFuture<CheckpointHosts> spawned = new CompletableFuture<>();
        kit.spawn(Behaviors.setup(context -> {
            try {
                spawned.complete(
                        CheckpointHosts.spawn(context, checkpoint, engine, HostSettings.from(config), metrics));
            } catch (RuntimeException e) {
                spawned.completeExceptionally(e);
            }
            return Behaviors.empty();
        }));
        try {
            return new UntrainedModel(kit, engine, checkpoint, spawned.join(), metrics);
        } catch (CompletionException e) {
            kit.shutdownTestKit();
            engine.close();
            throw e;
        }
    }

    public ActorTestKit kit() {
        return kit;
    }

    public Engine engine() {
        return engine;
    }

    public Path checkpoint() {
        return checkpoint;
    }

    public CheckpointHosts hosts() {
        return hosts;
    }

    public ServingMetrics metrics() {
        return metrics;
    }

    @Override
    public void close() {
        kit.shutdownTestKit();
        engine.close();
    }
}
