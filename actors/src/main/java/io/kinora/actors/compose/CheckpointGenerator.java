package io.kinora.actors.compose;

import akka.actor.typed.ActorSystem;
import akka.stream.javadsl.Sink;
import io.kinora.actors.render.RenderClient;
import io.kinora.actors.render.RenderEvent;
import io.kinora.actors.render.RenderRequest;
import io.kinora.actors.shard.RenderSettings;
import io.kinora.model.modaverse.meta.Modality;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** A diffusion checkpoint in this node's actors: pictures as PNG, clips as MP4. */
public final class CheckpointGenerator implements Generator {
    private final String name;
    private final RenderClient renders;
    private final boolean makesClips;
    private final GeneratorSettings settings;
    private final ActorSystem<?> system;

    /** Of a checkpoint whose jobs a desk takes; it is the caller's. */
    public CheckpointGenerator(
            String name, RenderClient renders, boolean makesClips, GeneratorSettings settings, ActorSystem<?> system) {
        this.settings = settings;
        this.name = name;
        this.renders = renders;
        this.makesClips = makesClips;
        this.system = system;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean changes(Modality modality) {
        return modality == (makesClips ? Modality.VIDEO : Modality.IMAGE);
    }

    @Override
    public Optional<Double> strength() {
        return settings.strength();
    }

    @Override
    public CompletionStage<Product> generate(Order order) {
        RenderSettings.Format format = makesClips ? RenderSettings.Format.MP4 : RenderSettings.Format.PNG;
        RenderRequest request = new RenderRequest(
                order.id(),
                Optional.of(order.prompt()),
                Optional.empty(),
                order.start().map(Start::material),
                order.start().map(Start::strength),
                settings.render(format, order.seed()),
                0,
                Optional.empty(),
                order.trace());
        return renders.render(request).runWith(Sink.last(), system).thenApply(this::product);
    }

    private Product product(RenderEvent last) {
        if (last instanceof RenderEvent.NotMade failed) {
            throw new GenerationFailedException(failed.code(), failed.reason(), failed.retriable());
        }
        RenderEvent.Made made = (RenderEvent.Made) last;
        return makesClips
                ? new Product(made.files(), "video/mp4", ".mp4")
                : new Product(made.files(), "image/png", ".png");
    }

    @Override
    public void close() {
        // Its actors are the system's.
    }
}
