package io.kinora.actors.pipeline;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.pattern.Patterns;
import akka.stream.javadsl.Sink;
import io.kinora.actors.render.RenderClient;
import io.kinora.actors.render.RenderDesk;
import io.kinora.actors.render.RenderEvent;
import io.kinora.actors.render.RenderRequest;
import io.kinora.actors.shard.RenderSettings;
import io.kinora.actors.shard.RenderedAs;
import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.claim.ClipPayloads;
import io.kinora.kafka.headers.DeadLetter;
import io.kinora.kafka.headers.Event;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.ClipPayload;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.GeneratedVideo;
import io.kinora.kafka.record.JobState;
import io.kinora.kafka.record.ModelIdentity;
import io.kinora.kafka.record.Prompt;
import io.kinora.kafka.record.VideoProvenance;
import io.kinora.kafka.record.WireError;
import io.kinora.kafka.transaction.Transaction;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/** Turns a prompt's record into a clip's record and the job's last state; cancels name the job they end. */
final class PromptWork implements RecordWork {
    private static final int MOST_ATTEMPTS = 6;
    private static final Duration FIRST_RETRY = Duration.ofMillis(500);

    private final ActorSystem<?> system;
    private final RenderClient renders;
    private final ActorRef<RenderDesk.Command> desk;
    private final JobProgress progress;
    private final ClipPayloads payloads;
    private final RecordDecoder decoder;
    private final RecordEncoder encoder;
    private final ModelIdentity model;
    private final Executor blocking;
    private final Clock clock;

    PromptWork(
            ActorSystem<?> system,
            ActorRef<RenderDesk.Command> desk,
            JobProgress progress,
            ClipPayloads payloads,
            RecordDecoder decoder,
            RecordEncoder encoder,
            ModelIdentity model,
            Executor blocking,
            Clock clock) {
        this.system = system;
        this.renders = new RenderClient(desk);
        this.desk = desk;
        this.progress = progress;
        this.payloads = payloads;
        this.decoder = decoder;
        this.encoder = encoder;
        this.model = model;
        this.blocking = blocking;
        this.clock = clock;
    }

    @Override
    public CompletionStage<Transaction> done(ConsumerRecord<byte[], byte[]> record) {
        try {
            Event<Prompt> event = decoder.prompt(record);
            if (event.body() instanceof Prompt.Cancel cancel) {
                desk.tell(new RenderDesk.Cancel(cancel.jobId()));
                return CompletableFuture.completedStage(Transaction.of(List.of()));
            }
            return new Attempt(event, (Prompt.Generate) event.body()).run(1);
        } catch (MalformedRecordException e) {
            ProducerRecord<byte[], byte[]> letter = encoder.deadLetter(record, DeadLetter.of(e, "prompt"));
            return CompletableFuture.completedStage(Transaction.of(List.of(letter)));
        }
    }

    /** One job; tried again while the failure is one that passes. */
    private final class Attempt {
        private final Event<Prompt> event;
        private final Prompt.Generate prompt;
        private final JobState queued;

        Attempt(Event<Prompt> event, Prompt.Generate prompt) {
            this.event = event;
            this.prompt = prompt;
            this.queued = JobState.queued(prompt.jobId(), event.timestamp());
        }

        CompletionStage<Transaction> run(int attempt) {
            progress.write(queued, event.trace());
            return renders.render(request())
                    .wireTap(this::report)
                    .runWith(Sink.last(), system)
                    .thenComposeAsync(
                            last -> last instanceof RenderEvent.Made made
                                    ? CompletableFuture.completedStage(made(made))
                                    : notMade((RenderEvent.NotMade) last, attempt),
                            blocking);
        }

        private RenderRequest request() {
            return new RenderRequest(
                    prompt.jobId(),
                    Optional.of(prompt.text()),
                    Optional.of(prompt.negativePrompt()).filter(text -> !text.isEmpty()),
                    Optional.empty(),
                    Optional.empty(),
                    settings(),
                    0,
                    Optional.empty());
        }

        private RenderSettings settings() {
            return new RenderSettings(
                    Optional.of(prompt.frames()),
                    size(prompt.width(), prompt.height()),
                    prompt.fps(),
                    prompt.steps().isPresent() ? Optional.of(prompt.steps().getAsInt()) : Optional.empty(),
                    prompt.guidance().isPresent()
                            ? Optional.of(prompt.guidance().getAsDouble())
                            : Optional.empty(),
                    0,
                    prompt.seed(),
                    prompt.sampler(),
                    RenderSettings.Format.valueOf(prompt.format().name()),
                    0);
        }

        private static Optional<RenderSettings.Size> size(OptionalInt width, OptionalInt height) {
            return width.isPresent() && height.isPresent()
                    ? Optional.of(new RenderSettings.Size(width.getAsInt(), height.getAsInt()))
                    : Optional.empty();
        }

        private void report(RenderEvent happened) {
            if (happened instanceof RenderEvent.Stepped stepped) {
                progress.write(queued.running(stepped.done(), stepped.total(), clock.instant()), event.trace());
            }
        }

        private Transaction made(RenderEvent.Made made) {
            RenderedAs as = made.as();
            VideoProvenance provenance = new VideoProvenance(
                    prompt.jobId(),
                    prompt.text(),
                    prompt.negativePrompt(),
                    model,
                    prompt.seed(),
                    as.steps(),
                    as.guidance(),
                    as.sampler(),
                    as.frames(),
                    as.width(),
                    as.height(),
                    prompt.fps());
            ClipPayload payload = payloads.pack(
                    Blob.wrap(made.files().get(0).toArray()), prompt.format().mediaType());
            GeneratedVideo video = new GeneratedVideo(provenance, prompt.format(), payload, clock.instant());
            return Transaction.of(List.of(encoder.video(video, event.trace())))
                    .followedBy(places -> List.of(encoder.jobState(
                            queued.succeeded(reference(places.get(0)), clock.instant()), event.trace())));
        }

        private static ClipReference reference(RecordMetadata place) {
            return new ClipReference(place.topic(), place.partition(), place.offset());
        }

        private CompletionStage<Transaction> notMade(RenderEvent.NotMade reason, int attempt) {
            if (reason.retriable() && attempt < MOST_ATTEMPTS) {
                Duration wait = FIRST_RETRY.multipliedBy(1L << (attempt - 1));
                return Patterns.after(wait, system.classicSystem(), () -> run(attempt + 1));
            }
            JobState last = reason.code().equals("cancelled")
                    ? queued.cancelled(clock.instant())
                    : queued.failed(new WireError(reason.code(), reason.reason()), clock.instant());
            return CompletableFuture.completedStage(Transaction.of(List.of(encoder.jobState(last, event.trace()))));
        }
    }
}
