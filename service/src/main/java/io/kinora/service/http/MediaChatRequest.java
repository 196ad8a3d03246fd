package io.kinora.service.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.actors.compose.ComposeRequest;
import io.kinora.actors.compose.Material;
import io.kinora.actors.shard.TextOptions;
import io.kinora.actors.trace.RequestTrace;
import io.kinora.model.llm.sample.SamplingSettings;
import io.kinora.model.modaverse.meta.Modality;
import io.kinora.video.AudioLimits;
import io.kinora.video.LoadedSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * The body of {@code POST /v1/chat/completions} for a ModaVerse: one message of the user's, with any media, and what the answer may be made of.
 *
 * @param compose what is to be carried out
 * @param stream whether parts are sent as they come
 * @param usage whether a stream ends with what it took
 */
record MediaChatRequest(ComposeRequest compose, boolean stream, boolean usage) {
    private static final int MOST_PARTS = 64;
    private static final int MOST_TOKENS = 4_096;
    /** What the released code allows. */
    private static final int DEFAULT_TOKENS = 246;

    private static final long LARGEST_SEED = (1L << 53) - 1;
    private static final double HOTTEST = 2;
    private static final String CONTENT = "content";

    /** The same in a trace. */
    MediaChatRequest within(RequestTrace trace) {
        return new MediaChatRequest(compose.within(trace), stream, usage);
    }

    /** Reads it, and fetches its media; blocks. */
    static MediaChatRequest read(String id, JsonFields body, MediaReader media) {
        refuseUnsupported(body);
        List<String> words = new ArrayList<>();
        List<Material> materials = new ArrayList<>();
        for (JsonFields part : parts(body)) {
            if (part.requiredText("type").equals("text")) {
                words.add(part.requiredText("text"));
            } else {
                materials.add(material(part, media));
            }
        }
        String instruction = String.join("\n", words);
        if (instruction.isBlank()) {
            throw ApiException.invalid("messages", "the message has no text: say what is to be done with its media");
        }
        OptionalDouble strength = body.number("strength", Double.MIN_VALUE, 1);
        ComposeRequest compose = new ComposeRequest(
                id,
                instruction,
                materials,
                options(body),
                ComposeRequest.form(body.flag("constrained").orElse(false), modalities(body)),
                body.longInteger("seed", 0, LARGEST_SEED).orElse(0),
                strength.isPresent() ? Optional.of(strength.getAsDouble()) : Optional.empty(),
                0,
                Optional.empty());
        boolean usage = body.object("stream_options")
                .flatMap(options -> options.flag("include_usage"))
                .orElse(false);
        return new MediaChatRequest(compose, body.flag("stream").orElse(false), usage);
    }

    private static void refuseUnsupported(JsonFields body) {
        for (String field : List.of("tools", "functions", "logit_bias", "guided_choice", "guided_json", "stop")) {
            if (body.raw(field).size() > 0) {
                throw ApiException.invalid(field, field + " is not supported by this model");
            }
        }
        if (body.integer("n", 1, Integer.MAX_VALUE).orElse(1) > 1) {
            throw body.refused("n", "1: this model gives one answer, of any number of parts");
        }
    }

    /** The parts of the one message: the model was never taught to read a conversation. */
    private static List<JsonFields> parts(JsonFields body) {
        List<JsonFields> messages = body.objects("messages", MOST_PARTS);
        if (messages.size() != 1 || !messages.get(0).requiredText("role").equals("user")) {
            throw ApiException.invalid(
                    "messages",
                    "this model takes one instruction and remembers none: messages has to be one of the user's, got %d"
                            .formatted(messages.size()));
        }
        JsonFields message = messages.get(0);
        if (message.raw(CONTENT).isArray()) {
            return message.objects(CONTENT, MOST_PARTS);
        }
        JsonNode text = Json.MAPPER.createObjectNode().put("type", "text").put("text", message.requiredText(CONTENT));
        return List.of(JsonFields.body(text));
    }

    private static Material material(JsonFields part, MediaReader media) {
        String type = part.requiredText("type");
        String param = part.name(type);
        return switch (type) {
            case "image_url" -> picture(media.load(address(part, type), param), media);
            case "video_url" -> clip(media.load(address(part, type), param), media);
            case "audio_url" -> sound(media.load(address(part, type), param));
            case "input_video" ->
                clip(media.load(inline("video/mp4", part.requiredObject(type).requiredText("data")), param), media);
            case "input_audio" ->
                sound(media.load(inline("audio/wav", part.requiredObject(type).requiredText("data")), param));
            case "file" -> file(part.requiredObject("file"), media);
            default ->
                throw part.refused("type", "text, image_url, video_url, audio_url, input_video, input_audio or file");
        };
    }

    private static String inline(String type, String base64) {
        return "data:%s;base64,%s".formatted(type, base64);
    }

    /** {@code {"url": …}}, or the address itself. */
    private static String address(JsonFields part, String field) {
        return part.raw(field).isTextual()
                ? part.requiredText(field)
                : part.requiredObject(field).requiredText("url");
    }

    private static Material file(JsonFields file, MediaReader media) {
        String field = file.has("file_id") ? "file_id" : "file_data";
        String url = file.requiredText(field);
        LoadedSource loaded = media.load(url, file.name(field));
        if (url.startsWith("data:image/")) {
            return picture(loaded, media);
        }
        return url.startsWith("data:audio/") ? sound(loaded) : clip(loaded, media);
    }

    private static Material picture(LoadedSource loaded, MediaReader media) {
        return new Material.Picture(loaded.source(), loaded.sha256(), media.limits());
    }

    private static Material clip(LoadedSource loaded, MediaReader media) {
        return new Material.Clip(loaded.source(), loaded.sha256(), media.limits());
    }

    private static Material sound(LoadedSource loaded) {
        return new Material.Sound(loaded.source(), loaded.sha256(), AudioLimits.defaults());
    }

    private static TextOptions options(JsonFields body) {
        String limit = body.has("max_completion_tokens") ? "max_completion_tokens" : "max_tokens";
        SamplingSettings sampling = new SamplingSettings(
                body.number("temperature", 0, HOTTEST).orElse(0),
                0,
                body.number("top_p", Double.MIN_VALUE, 1).orElse(1),
                0,
                1,
                body.longInteger("seed", 0, LARGEST_SEED).orElse(0));
        return TextOptions.sampled(sampling, body.integer(limit, 1, MOST_TOKENS).orElse(DEFAULT_TOKENS));
    }

    /** OpenAI's {@code modalities}, with pictures and clips. */
    private static List<String> modalities(JsonFields body) {
        List<String> asked = body.texts("modalities", Modality.ALL.size());
        for (String modality : asked) {
            if (Modality.ALL.stream().map(Modality::label).noneMatch(modality::equals)) {
                throw body.refused(
                        "modalities",
                        "made of " + Modality.ALL.stream().map(Modality::label).collect(Collectors.joining(", ")));
            }
        }
        return asked;
    }
}
