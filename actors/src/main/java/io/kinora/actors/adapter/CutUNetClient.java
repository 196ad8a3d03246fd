package io.kinora.actors.adapter;

import akka.Done;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Scheduler;
import akka.actor.typed.javadsl.AskPattern;
import io.kinora.actors.shard.CutUNet;
import io.kinora.actors.shard.DecoderHost;
import io.kinora.actors.shard.NotRenderedException;
import io.kinora.decoder.pipeline.FarHalf;
import io.kinora.decoder.pipeline.FarUNet;
import io.kinora.decoder.unet.UNetPrompt;
import io.kinora.decoder.unet.UNetTask;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.DoubleStream;

/** A {@link CutUNet} as a pipeline asks it. Thread-safe. */
public final class CutUNetClient implements FarUNet {
    /** The network answers every call or ends; this only bounds what a lost message would hold up. */
    private static final Duration PATIENCE = Duration.ofHours(1);

    private final ActorRef<CutUNet.Command> network;
    private final CompletableFuture<CutUNet.Event> ended;
    private final Scheduler scheduler;
    private final AtomicLong tasks = new AtomicLong();

    /**
     * Asks a network.
     *
     * @param ended completed when the network answers nobody any more
     */
    public CutUNetClient(ActorRef<CutUNet.Command> network, CompletableFuture<Done> ended, Scheduler scheduler) {
        this.network = network;
        this.ended = ended.thenApply(done -> new CutUNet.NotPredicted("the U-Net has ended"));
        this.scheduler = scheduler;
    }

    @Override
    public FarHalf prepare(UNetPrompt prompt, int frames, double... timesteps) {
        return new Half(new UNetTask(
                tasks.incrementAndGet(),
                prompt.map(CutUNetClient::copy),
                frames,
                DoubleStream.of(timesteps).boxed().toList()));
    }

    private static Tensor copy(Tensor tensor) {
        Engine engine = tensor.engine();
        try (Scope scope = engine.scope()) {
            return scope.detach(engine.cat(List.of(tensor), 0));
        }
    }

    private final class Half implements FarHalf {
        private final UNetTask task;
        private Optional<Tensor> last = Optional.empty();

        Half(UNetTask task) {
            this.task = task;
        }

        @Override
        public CompletionStage<Tensor> predict(Tensor sample, int step) {
            free();
            CompletionStage<CutUNet.Event> answer = AskPattern.ask(
                    network, replyTo -> new CutUNet.Predict(task, step, sample, replyTo), PATIENCE, scheduler);
            return answer.applyToEither(ended, this::read);
        }

        private Tensor read(CutUNet.Event event) {
            if (event instanceof CutUNet.Predicted predicted) {
                last = Optional.of(predicted.noise());
                return predicted.noise();
            }
            throw new NotRenderedException(DecoderHost.Failure.BROKEN, ((CutUNet.NotPredicted) event).reason());
        }

        private void free() {
            last.ifPresent(Tensor::close);
            last = Optional.empty();
        }

        @Override
        public void close() {
            free();
            network.tell(new CutUNet.Forget(task.id()));
            task.prompt().map(tensor -> {
                tensor.close();
                return tensor;
            });
        }
    }
}
