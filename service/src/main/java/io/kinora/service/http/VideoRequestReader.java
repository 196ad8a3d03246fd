package io.kinora.service.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.decoder.pipeline.RequestLimits;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.ClipTarget;
import io.kinora.kafka.record.GenerationSettings;
import io.kinora.kafka.record.JobOrder;
import io.kinora.kafka.record.Prompt;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what {@code POST /v1/videos} is sent: OpenAI's fields, and those of other engines that say more. Stateless. */
final class VideoRequestReader {
    private static final Set<String> NUMBERS = Set.of(
            "width",
            "height",
            "num_frames",
            "fps",
            "num_inference_steps",
            "guidance_scale",
            "guidance_rescale",
            "seed",
            "strength",
            "priority");
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,19}(\\.[0-9]{1,19})?");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,5})x([0-9]{1,5})");
    private static final double DEFAULT_STRENGTH = 0.6;
    private static final int MOST_PRIORITY = 100;
    private static final int MOST_SECONDS = 60;
    private static final int MOST_FPS = 60;

    private VideoRequestReader() {}

    /** The texts of a form as a JSON object, in which numbers are numbers. */
    static ObjectNode json(Map<String, String> form) {
        ObjectNode json = Json.MAPPER.createObjectNode();
        form.forEach((name, text) -> {
            if (NUMBERS.contains(name) && NUMBER.matcher(text).matches()) {
                json.put(name, new BigDecimal(text));
            } else {
                json.put(name, text);
            }
        });
        return json;
    }

    /** Where a picture or clip is that the video is to be made from: an address, an uploaded file's id, a video's id, or {@code kafka://…}. */
    static Optional<String> reference(JsonFields body) {
        for (String field : List.of("input_reference", "video_reference", "image_reference")) {
            // In forms, nested fields come under flat names.
            Optional<String> nested = first(body, List.of(field + "[image_url]", field + "[file_id]"));
            if (nested.isPresent()) {
                return nested;
            }
            if (body.raw(field).isTextual()) {
                return body.text(field);
            }
            if (body.has(field)) {
                Optional<String> named =
                        first(body.requiredObject(field), List.of("image_url", "video_url", "file_id", "id"));
                return Optional.of(named.orElseThrow(
                        () -> body.refused(field, "an address, or an object with image_url, video_url or file_id")));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> first(JsonFields fields, List<String> names) {
        return names.stream().flatMap(name -> fields.text(name).stream()).findFirst();
    }

    /**
     * The prompt of a job.
     *
     * @param source a clip or picture that it is made from
     */
    static Prompt.Generate read(JsonFields body, String jobId, String tenant, Optional<ClipReference> source) {
        OptionalDouble strength = body.number("strength", Double.MIN_VALUE, 1);
        if (source.isEmpty() && strength.isPresent()) {
            throw ApiException.invalid("strength", "strength needs an input_reference");
        }
        String text = body.requiredText("prompt");
        try {
            GenerationSettings defaults = Prompt.Generate.of(jobId, text).settings();
            return new Prompt.Generate(
                    jobId,
                    text,
                    body.text("negative_prompt").orElse(""),
                    source.map(clip -> new Prompt.Source(
                            new ClipTarget.At(clip),
                            strength.isPresent() ? strength : OptionalDouble.of(DEFAULT_STRENGTH))),
                    settings(body, defaults),
                    new JobOrder(
                            tenant,
                            body.integer("priority", -MOST_PRIORITY, MOST_PRIORITY)
                                    .orElse(0),
                            Optional.empty()));
        } catch (IllegalArgumentException e) {
            throw ApiException.of(ApiException.Kind.INVALID, "invalid_value", String.valueOf(e.getMessage()));
        }
    }

    private static GenerationSettings settings(JsonFields body, GenerationSettings defaults) {
        Timing timing = timing(body);
        OptionalInt width = body.integer("width", 1, Integer.MAX_VALUE);
        OptionalInt height = body.integer("height", 1, Integer.MAX_VALUE);
        Optional<String> size = body.text("size");
        if (size.isPresent()) {
            Matcher sides = SIZE.matcher(size.get());
            if (!sides.matches()) {
                throw body.refused("size", "WIDTHxHEIGHT, for example 256x256");
            }
            width = OptionalInt.of(Integer.parseInt(sides.group(1)));
            height = OptionalInt.of(Integer.parseInt(sides.group(2)));
        }
        return new GenerationSettings(
                timing.frames(),
                width,
                height,
                timing.fps(),
                body.integer("num_inference_steps", 1, RequestLimits.DEFAULT.maxSteps()),
                body.number("guidance_scale", -Double.MAX_VALUE, Double.MAX_VALUE),
                body.number("guidance_rescale", -Double.MAX_VALUE, Double.MAX_VALUE)
                        .orElse(defaults.guidanceRescale()),
                body.longInteger("seed", 0, Long.MAX_VALUE).orElse(defaults.seed()),
                body.text("sampler"),
                defaults.format(),
                true);
    }

    private record Timing(int frames, int fps) {}

    /** Frames and frames a second: as given, or so that the clip lasts as long as was asked for. */
    private static Timing timing(JsonFields body) {
        OptionalInt frames = body.integer("num_frames", 1, Integer.MAX_VALUE);
        OptionalInt fps = body.integer("fps", 1, MOST_FPS);
        OptionalDouble seconds = seconds(body);
        if (frames.isPresent() || seconds.isEmpty()) {
            return new Timing(
                    frames.orElse(GenerationSettings.DEFAULT_FRAMES), fps.orElse(GenerationSettings.DEFAULT_FPS));
        }
        double wanted = seconds.getAsDouble();
        int slowest = (int) Math.max(1, Math.floor(GenerationSettings.MAX_FRAMES / wanted));
        int rate = fps.orElse(Math.min(GenerationSettings.DEFAULT_FPS, slowest));
        long count = Math.round(wanted * rate);
        if (count < GenerationSettings.MIN_FRAMES || count > GenerationSettings.MAX_FRAMES) {
            throw body.refused(
                    "seconds",
                    "such that there are %d to %d frames, which at %d a second are not"
                            .formatted(GenerationSettings.MIN_FRAMES, GenerationSettings.MAX_FRAMES, rate));
        }
        return new Timing(Math.toIntExact(count), rate);
    }

    /** OpenAI's clients send a string. */
    private static OptionalDouble seconds(JsonFields body) {
        if (!body.raw("seconds").isTextual()) {
            return body.number("seconds", Double.MIN_VALUE, MOST_SECONDS);
        }
        String text = body.requiredText("seconds");
        if (!NUMBER.matcher(text).matches()
                || Double.parseDouble(text) <= 0
                || Double.parseDouble(text) > MOST_SECONDS) {
            throw body.refused("seconds", "a number above 0 and at most " + MOST_SECONDS);
        }
        return OptionalDouble.of(Double.parseDouble(text));
    }
}
