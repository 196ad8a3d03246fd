package io.kinora.actors.compose;

import akka.util.ByteString;
import io.kinora.decoder.pipeline.AudioPipeline;
import io.kinora.decoder.pipeline.AudioRequest;
import io.kinora.decoder.pipeline.CancelSignal;
import io.kinora.decoder.pipeline.GeneratedSound;
import io.kinora.decoder.pipeline.GenerationListener;
import io.kinora.decoder.pipeline.InvalidRequestException;
import io.kinora.decoder.pipeline.Prompt;
import io.kinora.decoder.schedule.SamplerKind;
import io.kinora.model.modaverse.meta.Modality;
import io.kinora.video.AudioClip;
import io.kinora.video.AudioEncoder;
import io.kinora.video.AudioFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** AudioLDM in this process, on a thread of its own. */
public final class SoundGenerator implements Generator {
    private final String name;
    private final GeneratorSettings settings;
    private final ExecutorService thread;
    private final CompletableFuture<AudioPipeline> pipeline;

    /** Loads the pipeline on its thread. */
    public SoundGenerator(String name, GeneratorSettings settings, Supplier<AudioPipeline> load) {
        this.name = name;
        this.settings = settings;
        this.thread = Executors.newSingleThreadExecutor(task -> {
            Thread worker = new Thread(task, "sound-" + name);
            worker.setDaemon(true);
            return worker;
        });
        this.pipeline = CompletableFuture.supplyAsync(load, thread);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean changes(Modality modality) {
        return false;
    }

    @Override
    public Optional<Double> strength() {
        return Optional.empty();
    }

    @Override
    public CompletionStage<Product> generate(Order order) {
        return pipeline.thenApplyAsync(loaded -> product(loaded, order), thread);
    }

    private Product product(AudioPipeline loaded, Order order) {
        try {
            GeneratedSound sound = loaded.generate(request(order), GenerationListener.NONE, CancelSignal.NEVER);
            AudioClip clip = AudioClip.of(sound.samplingRate(), sound.samples());
            AudioFormat format = settings.sound();
            return new Product(
                    List.of(ByteString.fromArray(AudioEncoder.encode(clip, format))),
                    format.contentType(),
                    "." + format.extension());
        } catch (InvalidRequestException e) {
            throw new GenerationFailedException("request.invalid", e.getMessage(), false);
        }
    }

    private AudioRequest request(Order order) {
        AudioRequest.Builder request =
                AudioRequest.of(Prompt.of(order.prompt())).seed(order.seed());
        settings.steps().ifPresent(request::steps);
        settings.guidance().ifPresent(request::guidance);
        settings.seconds().ifPresent(request::seconds);
        settings.sampler().map(SamplerKind::parse).ifPresent(request::sampler);
        return request.build();
    }

    @Override
    public void close() {
        thread.execute(() -> {
            if (pipeline.isDone() && !pipeline.isCompletedExceptionally()) {
                pipeline.join().close();
            }
        });
        thread.shutdown();
    }
}
