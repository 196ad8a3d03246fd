package io.kinora.kafka.record;

import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.MalformedRecordException.Code;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** The JSON body of a prompt, field by field; what is absent takes its default. */
public record PromptBody(
        Optional<Prompt.Action> action,
        Optional<String> jobId,
        Optional<String> prompt,
        Optional<String> negativePrompt,
        Optional<String> clip,
        Optional<String> stream,
        Optional<Double> strength,
        Optional<Integer> frames,
        Optional<Integer> width,
        Optional<Integer> height,
        Optional<Integer> fps,
        Optional<Integer> steps,
        Optional<Double> guidance,
        Optional<Double> guidanceRescale,
        Optional<Long> seed,
        Optional<String> sampler,
        Optional<VideoFormat> format,
        Optional<Boolean> previews,
        Optional<String> tenant,
        Optional<Integer> priority,
        Optional<Instant> deadline,
        Optional<String> reason) {

    /** A body that is only a text, as a console producer sends it. */
    public static PromptBody ofText(String text) {
        return bare(Optional.empty(), Optional.empty(), Optional.of(text), Optional.empty());
    }

    static PromptBody of(Prompt.Action action, String jobId, String reason) {
        return bare(Optional.of(action), Optional.of(jobId), Optional.empty(), notEmpty(reason));
    }

    private static PromptBody bare(
            Optional<Prompt.Action> action, Optional<String> jobId, Optional<String> prompt, Optional<String> reason) {
        return new PromptBody(
                action,
                jobId,
                prompt,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                reason);
    }

    static PromptBody of(Prompt.Generate request) {
        GenerationSettings settings = request.settings();
        Optional<ClipTarget> target = request.source().map(Prompt.Source::clip);
        return new PromptBody(
                Optional.of(Prompt.Action.GENERATE),
                Optional.of(request.jobId()),
                notEmpty(request.text()),
                notEmpty(request.negativePrompt()),
                target.flatMap(PromptBody::clipOf),
                target.flatMap(PromptBody::streamOf),
                request.source().flatMap(source -> boxed(source.strength())),
                settings.format().isPicture() ? Optional.empty() : Optional.of(settings.frames()),
                boxed(settings.width()),
                boxed(settings.height()),
                Optional.of(settings.fps()),
                boxed(settings.steps()),
                boxed(settings.guidance()),
                Optional.of(settings.guidanceRescale()),
                Optional.of(settings.seed()),
                settings.sampler(),
                Optional.of(settings.format()),
                Optional.of(settings.previews()),
                Optional.of(request.order().tenant()),
                Optional.of(request.order().priority()),
                request.order().deadline(),
                Optional.empty());
    }

    private static Optional<String> clipOf(ClipTarget target) {
        if (target instanceof ClipTarget.At at) {
            return Optional.of(at.reference().toString());
        }
        return target instanceof ClipTarget.WithId withId ? Optional.of(withId.clipId()) : Optional.empty();
    }

    private static Optional<String> streamOf(ClipTarget target) {
        return target instanceof ClipTarget.LatestOf latest ? Optional.of(latest.stream()) : Optional.empty();
    }

    private static Optional<String> notEmpty(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private static Optional<Integer> boxed(OptionalInt value) {
        return value.isPresent() ? Optional.of(value.getAsInt()) : Optional.empty();
    }

    private static Optional<Double> boxed(OptionalDouble value) {
        return value.isPresent() ? Optional.of(value.getAsDouble()) : Optional.empty();
    }

    /** This body, with a deadline where it has none. */
    public PromptBody wantedUntil(Optional<Instant> otherwise) {
        return new PromptBody(
                action,
                jobId,
                prompt,
                negativePrompt,
                clip,
                stream,
                strength,
                frames,
                width,
                height,
                fps,
                steps,
                guidance,
                guidanceRescale,
                seed,
                sampler,
                format,
                previews,
                tenant,
                priority,
                deadline.or(() -> otherwise),
                reason);
    }

    /**
     * The request this body makes.
     *
     * @param defaultId the job's id when neither body nor key has one
     * @param key the record's key
     * @throws MalformedRecordException when a value is missing or not allowed
     */
    public Prompt resolve(String defaultId, Optional<String> key) {
        try {
            return switch (action.orElse(Prompt.Action.GENERATE)) {
                case GENERATE -> generate(jobId.or(() -> key).orElse(defaultId));
                case CANCEL -> new Prompt.Cancel(known(key, "cancel"), reason.orElse(""));
                case DELETE -> new Prompt.Delete(known(key, "delete"));
            };
        } catch (IllegalArgumentException e) {
            throw new MalformedRecordException(Code.VALUE, "prompt: " + e.getMessage(), e);
        }
    }

    private String known(Optional<String> key, String what) {
        return jobId.or(() -> key)
                .orElseThrow(() -> new IllegalArgumentException(
                        "no job is named to %s: give jobId, or a key that is the job's id".formatted(what)));
    }

    private Prompt.Generate generate(String job) {
        Optional<Prompt.Source> source = source();
        if (prompt.isEmpty() && source.isEmpty()) {
            throw new IllegalArgumentException("prompt is missing");
        }
        prompt.ifPresent(text -> Checks.text("prompt", text, Prompt.Generate.MAX_TEXT_LENGTH));
        VideoFormat container = format.orElse(VideoFormat.MP4);
        return new Prompt.Generate(
                job,
                prompt.orElse(""),
                negativePrompt.orElse(""),
                source,
                new GenerationSettings(
                        frames.orElse(container.isPicture() ? 1 : GenerationSettings.DEFAULT_FRAMES),
                        unboxed(width),
                        unboxed(height),
                        fps.orElse(GenerationSettings.DEFAULT_FPS),
                        unboxed(steps),
                        unboxedDouble(guidance),
                        guidanceRescale.orElse(0.0),
                        seed.orElseGet(() -> Sha256.seedOf(job)),
                        sampler,
                        container,
                        previews.orElse(true)),
                new JobOrder(tenant.orElse(JobOrder.NO_TENANT), priority.orElse(0), deadline));
    }

    private Optional<Prompt.Source> source() {
        if (clip.isPresent() && stream.isPresent()) {
            throw new IllegalArgumentException("clip and stream are both given, allowed is one of them");
        }
        Optional<ClipTarget> target = clip.isPresent()
                ? Optional.of(ClipReference.parseIfReference(clip.get())
                        .<ClipTarget>map(ClipTarget.At::new)
                        .orElseGet(() -> new ClipTarget.WithId(clip.get())))
                : stream.map(ClipTarget.LatestOf::new);
        if (target.isEmpty() && strength.isPresent()) {
            throw new IllegalArgumentException("strength is given, but neither clip nor stream to start from");
        }
        return target.map(found -> new Prompt.Source(found, unboxedDouble(strength)));
    }

    private static OptionalInt unboxed(Optional<Integer> value) {
        return value.isPresent() ? OptionalInt.of(value.get()) : OptionalInt.empty();
    }

    private static OptionalDouble unboxedDouble(Optional<Double> value) {
        return value.isPresent() ? OptionalDouble.of(value.get()) : OptionalDouble.empty();
    }
}
