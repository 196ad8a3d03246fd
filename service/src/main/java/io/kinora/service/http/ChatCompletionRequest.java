package io.kinora.service.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.actors.answer.AnswerRequest;
import io.kinora.actors.answer.Conversation;
import io.kinora.model.llm.sample.SamplingSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The body of {@code POST /v1/chat/completions}.
 *
 * @param model which model is to answer
 * @param conversation what it is to answer
 * @param reply what kind of answer is wanted
 * @param choices answers wanted, each with a seed of its own
 * @param stream whether tokens are sent as they come
 * @param usage whether a stream ends with what it took
 */
record ChatCompletionRequest(
        String model,
        Conversation conversation,
        AnswerRequest.Reply reply,
        int choices,
        boolean stream,
        boolean usage) {
    private static final int MOST_MESSAGES = 256;
    private static final int MOST_PARTS = 256;
    private static final int MOST_CHOICES = 8;
    private static final int MOST_STOPS = 4;
    private static final int MOST_GUIDED = 64;
    private static final int MOST_LOGPROBS = 20;
    private static final int MOST_TOKENS = 1 << 16;
    private static final int DEFAULT_TOKENS = 256;
    private static final int DEFAULT_FRAMES = 8;
    private static final Set<Integer> FRAMES = Set.of(8, 12, 16);
    private static final double HOTTEST = 2;
    private static final double LARGEST_PENALTY = 2;
    private static final String CONTENT = "content";

    /** Reads it, and fetches its media; blocks. */
    static ChatCompletionRequest read(JsonNode json, MediaReader media) {
        JsonFields body = JsonFields.body(json);
        refuseUnsupported(body);
        Optional<JsonFields> streamOptions = body.object("stream_options");
        return new ChatCompletionRequest(
                body.requiredText("model"),
                conversation(body, media, frames(body)),
                reply(body),
                body.integer("n", 1, MOST_CHOICES).orElse(1),
                body.flag("stream").orElse(false),
                streamOptions.flatMap(options -> options.flag("include_usage")).orElse(false));
    }

    private static void refuseUnsupported(JsonFields body) {
        for (String field : List.of("tools", "functions", "logit_bias")) {
            if (body.raw(field).size() > 0) {
                throw ApiException.invalid(field, field + " is not supported");
            }
        }
        for (String field : List.of("frequency_penalty", "presence_penalty")) {
            if (body.number(field, -LARGEST_PENALTY, LARGEST_PENALTY).orElse(0) != 0) {
                throw ApiException.invalid(field, field + " is not supported; repetition_penalty is");
            }
        }
    }

    private static int frames(JsonFields body) {
        Optional<JsonFields> video = body.object("media_io_kwargs").flatMap(fields -> fields.object("video"));
        if (video.isEmpty()) {
            return DEFAULT_FRAMES;
        }
        int frames = video.get().integer("num_frames", 1, Integer.MAX_VALUE).orElse(DEFAULT_FRAMES);
        if (!FRAMES.contains(frames)) {
            throw video.get().refused("num_frames", "8, 12 or 16");
        }
        return frames;
    }

    private static AnswerRequest.Reply reply(JsonFields body) {
        List<String> choices = body.texts("guided_choice", MOST_GUIDED);
        if (!choices.isEmpty()) {
            return new AnswerRequest.OneOf(choices);
        }
        String limit = body.has("max_completion_tokens") ? "max_completion_tokens" : "max_tokens";
        SamplingSettings sampling = new SamplingSettings(
                body.number("temperature", 0, HOTTEST).orElse(0),
                body.integer("top_k", 0, Integer.MAX_VALUE).orElse(0),
                body.number("top_p", Double.MIN_VALUE, 1).orElse(1),
                body.number("min_p", 0, 1).orElse(0),
                body.number("repetition_penalty", Double.MIN_VALUE, Double.MAX_VALUE)
                        .orElse(1),
                body.longInteger("seed", Long.MIN_VALUE, Long.MAX_VALUE).orElse(0));
        List<String> stops = body.texts("stop", MOST_STOPS);
        if (stops.stream().anyMatch(String::isEmpty)) {
            throw body.refused("stop", "made of strings that are not empty");
        }
        AnswerRequest.Free text = new AnswerRequest.Free(
                sampling, body.integer(limit, 1, MOST_TOKENS).orElse(DEFAULT_TOKENS), stops, topLogprobs(body));
        return AnswerFormReader.read(body)
                .<AnswerRequest.Reply>map(form -> new AnswerRequest.Formed(text, form))
                .orElse(text);
    }

    private static Optional<Integer> topLogprobs(JsonFields body) {
        int top = body.integer("top_logprobs", 0, MOST_LOGPROBS).orElse(0);
        return body.flag("logprobs").orElse(false) ? Optional.of(top) : Optional.empty();
    }

    private static Conversation conversation(JsonFields body, MediaReader media, int frames) {
        List<String> system = new ArrayList<>();
        List<Conversation.Turn> turns = new ArrayList<>();
        for (JsonFields message : body.objects("messages", MOST_MESSAGES)) {
            String role = message.requiredText("role");
            switch (role) {
                case "system", "developer" -> system.add(text(message));
                case "user" ->
                    turns.add(new Conversation.Turn(Conversation.Speaker.USER, parts(message, media, frames)));
                case "assistant" ->
                    turns.add(new Conversation.Turn(
                            Conversation.Speaker.MODEL, List.of(new Conversation.Words(text(message)))));
                default -> throw message.refused("role", "system, developer, user or assistant");
            }
        }
        if (turns.isEmpty() || turns.get(turns.size() - 1).speaker() != Conversation.Speaker.USER) {
            throw ApiException.invalid("messages", "messages has to end with one of the user's");
        }
        return new Conversation(system.isEmpty() ? Optional.empty() : Optional.of(String.join("\n", system)), turns);
    }

    /** The text of a message that has no media. */
    private static String text(JsonFields message) {
        if (!message.raw(CONTENT).isArray()) {
            return message.requiredText(CONTENT);
        }
        StringBuilder text = new StringBuilder();
        for (JsonFields part : message.objects(CONTENT, MOST_PARTS)) {
            if (!part.requiredText("type").equals("text")) {
                throw part.refused("type", "text; only the user's messages have media");
            }
            text.append(part.requiredText("text"));
        }
        return text.toString();
    }

    private static List<Conversation.Part> parts(JsonFields message, MediaReader media, int frames) {
        if (!message.raw(CONTENT).isArray()) {
            return List.of(new Conversation.Words(message.requiredText(CONTENT)));
        }
        List<Conversation.Part> parts = new ArrayList<>();
        for (JsonFields part : message.objects(CONTENT, MOST_PARTS)) {
            parts.add(part(part, media, frames));
        }
        if (parts.isEmpty()) {
            throw message.refused(CONTENT, "a text or a list of parts that is not empty");
        }
        return parts;
    }

    private static Conversation.Part part(JsonFields part, MediaReader media, int frames) {
        String type = part.requiredText("type");
        return switch (type) {
            case "text" -> new Conversation.Words(part.requiredText("text"));
            case "image_url" -> media.still(address(part, type), part.name(type + ".url"));
            case "video_url" -> media.clip(address(part, type), frames, part.name(type + ".url"));
            case "input_video" ->
                media.clip(
                        "data:video/mp4;base64," + part.requiredObject(type).requiredText("data"),
                        frames,
                        part.name(type + ".data"));
            case "file" -> file(part.requiredObject("file"), media, frames);
            case "input_audio" ->
                throw ApiException.invalid(
                        part.name("type"), "this model does not listen: send text, pictures and clips");
            default -> throw part.refused("type", "text, image_url, video_url, input_video or file");
        };
    }

    /** {@code {"url": …}}, or the address itself. */
    private static String address(JsonFields part, String field) {
        return part.raw(field).isTextual()
                ? part.requiredText(field)
                : part.requiredObject(field).requiredText("url");
    }

    private static Conversation.Part file(JsonFields file, MediaReader media, int frames) {
        String field = file.has("file_id") ? "file_id" : "file_data";
        String url = file.requiredText(field);
        return url.startsWith("data:image/")
                ? media.still(url, file.name(field))
                : media.clip(url, frames, file.name(field));
    }
}
