package io.kinora.actors.pipeline;

import akka.actor.typed.ActorRef;
import io.kinora.actors.render.JobScheduler;
import io.kinora.actors.render.RenderRequest;
import io.kinora.actors.shard.RenderSettings;
import io.kinora.actors.shard.RenderedAs;
import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.claim.ClaimCheckException;
import io.kinora.kafka.clip.ClipGoneException;
import io.kinora.kafka.headers.TraceContext;
import io.kinora.kafka.record.ClipPayload;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.GeneratedVideo;
import io.kinora.kafka.record.GenerationSettings;
import io.kinora.kafka.record.ModelIdentity;
import io.kinora.kafka.record.Prompt;
import io.kinora.kafka.record.VideoProvenance;
import io.kinora.video.DecodeLimits;
import io.kinora.video.VideoSource;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** Translates between wire records and renders. Stateless. */
final class JobWork {
    private static final int PREVIEWS = 8;
    private static final int DEFAULT_STEPS = 50;
    private static final int DEFAULT_PIXELS = 256 * 256;

    private JobWork() {}

    /** What is asked of the desk. */
    static RenderRequest request(Prompt.Generate prompt, Optional<ClipFetcher.Fetched> clip, TraceContext trace) {
        return new RenderRequest(
                prompt.jobId(),
                Optional.of(prompt.text()).filter(text -> !text.isEmpty()),
                Optional.of(prompt.negativePrompt()).filter(text -> !text.isEmpty()),
                clip.map(JobWork::material),
                prompt.source().flatMap(source -> boxed(source.strength())),
                settings(prompt.settings()),
                0, // the scheduler has put the jobs in their order
                prompt.order().deadline(),
                RecordTrace.of(trace));
    }

    private static RenderRequest.Material material(ClipFetcher.Fetched found) {
        VideoSource source = VideoSource.bytes(found.bytes().bytes());
        boolean picture = found.clip()
                .mediaType()
                .filter(type -> type.startsWith("image/"))
                .isPresent();
        return picture
                ? new RenderRequest.Still(source, found.sha256(), DecodeLimits.defaults())
                : new RenderRequest.Clip(source, found.sha256(), DecodeLimits.defaults());
    }

    private static RenderSettings settings(GenerationSettings asked) {
        return new RenderSettings(
                asked.format().isPicture() ? Optional.empty() : Optional.of(asked.frames()),
                asked.width().isPresent()
                        ? Optional.of(new RenderSettings.Size(
                                asked.width().getAsInt(), asked.height().getAsInt()))
                        : Optional.empty(),
                asked.fps(),
                boxed(asked.steps()),
                boxed(asked.guidance()),
                asked.guidanceRescale(),
                asked.seed(),
                asked.sampler(),
                RenderSettings.Format.valueOf(asked.format().name()),
                asked.previews() ? PREVIEWS : 0);
    }

    /** Its place in the line of those that wait; its turn goes to {@code turns}. */
    static JobScheduler.Enqueue inLine(Prompt.Generate prompt, ActorRef<JobScheduler.Turn> turns) {
        return new JobScheduler.Enqueue(
                prompt.jobId(), prompt.order().tenant(), prompt.order().priority(), cost(prompt), turns);
    }

    /** The work that a request means, in pixels through the network. */
    private static double cost(Prompt.Generate prompt) {
        GenerationSettings asked = prompt.settings();
        double pixels = asked.width().isPresent()
                ? (double) asked.width().getAsInt() * asked.height().getAsInt()
                : DEFAULT_PIXELS;
        return pixels * asked.frames() * asked.steps().orElse(DEFAULT_STEPS);
    }

    /** The result's record. */
    static GeneratedVideo video(
            Prompt.Generate prompt,
            Optional<ClipReference> source,
            ModelIdentity model,
            RenderedAs as,
            ClipPayload payload,
            Instant at) {
        VideoProvenance provenance = new VideoProvenance(
                prompt.jobId(),
                prompt.text(),
                prompt.negativePrompt(),
                source,
                model,
                prompt.settings().seed(),
                as.steps(),
                as.guidance(),
                as.sampler(),
                as.frames(),
                as.width(),
                as.height(),
                prompt.settings().fps());
        return new GeneratedVideo(provenance, prompt.settings().format(), payload, at);
    }

    /** The code of a failure to read a clip that no other try would mend. */
    static Optional<String> lostForGood(Throwable failure) {
        if (failure instanceof ClipGoneException) {
            return Optional.of("clip.gone");
        }
        if (failure instanceof MalformedRecordException) {
            return Optional.of("clip.malformed");
        }
        return failure instanceof ClaimCheckException ? Optional.of("clip.claim") : Optional.empty();
    }

    private static Optional<Integer> boxed(OptionalInt value) {
        return value.isPresent() ? Optional.of(value.getAsInt()) : Optional.empty();
    }

    private static Optional<Double> boxed(OptionalDouble value) {
        return value.isPresent() ? Optional.of(value.getAsDouble()) : Optional.empty();
    }
}
