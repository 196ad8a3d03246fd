package io.kinora.service.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.actors.adapter.CheckpointCard;
import io.kinora.actors.compose.ComposeEvent;
import io.kinora.actors.compose.Lineage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Writes what a ModaVerse made as a chat completion: words as {@code content}, pictures and clips as parts with addresses, the first sound as OpenAI's
 * {@code audio}, and the lineage of everything under {@code kinora}. Collects the events of one request; not thread-safe.
 */
final class MediaChatWriter {
    private static final Duration SOON = Duration.ofSeconds(2);

    private final String id;
    private final long created;
    private final CheckpointCard card;
    private final ObjectNode facts = Json.MAPPER.createObjectNode();
    private final ArrayNode parts = Json.MAPPER.createArrayNode();
    private final List<String> words = new ArrayList<>();
    private final ArrayNode images = Json.MAPPER.createArrayNode();
    private final ArrayNode videos = Json.MAPPER.createArrayNode();
    private final ArrayNode sounds = Json.MAPPER.createArrayNode();
    private Optional<ObjectNode> audio = Optional.empty();
    private Optional<ComposeEvent.Responded> responded = Optional.empty();
    private Optional<ComposeEvent.NotMade> failure = Optional.empty();

    /**
     * Something that was made, kept as a file.
     *
     * @param url where it can be fetched
     */
    record Kept(String fileId, String url) {}

    MediaChatWriter(String id, long created, CheckpointCard card) {
        this.id = id;
        this.created = created;
        this.card = card;
        facts.put("untrained", card.untrained());
    }

    /** The language model's answer. */
    void responded(ComposeEvent.Responded event) {
        responded = Optional.of(event);
        facts.put("meta_response", event.response().raw());
    }

    /** Words; gives the delta that says them. */
    ObjectNode said(ComposeEvent.Said event) {
        part(event.index(), event.lineage());
        String text = words.isEmpty() ? event.text() : "\n" + event.text();
        words.add(event.text());
        return Json.MAPPER.createObjectNode().put("content", text);
    }

    /** Something that was made and kept; gives the delta that names it. */
    ObjectNode made(ComposeEvent.Made event, List<Kept> files) {
        ObjectNode part = part(event.index(), event.lineage());
        part.put("media_type", event.contentType());
        ArrayNode ids = part.putArray("files");
        ObjectNode delta = Json.MAPPER.createObjectNode();
        for (int i = 0; i < files.size(); i++) {
            Kept file = files.get(i);
            ids.add(file.fileId());
            switch (event.lineage().modality()) {
                case "image" -> put(delta, "images", images, "image_url", file);
                case "video" -> put(delta, "videos", videos, "video_url", file);
                default -> {
                    put(delta, "audios", sounds, "audio_url", file);
                    if (audio.isEmpty()) {
                        audio = Optional.of(audio(event, file, i));
                        delta.set("audio", audio.get());
                    }
                }
            }
        }
        return delta;
    }

    private static void put(ObjectNode delta, String list, ArrayNode all, String type, Kept file) {
        ObjectNode item = Json.MAPPER.createObjectNode().put("type", type).put("file_id", file.fileId());
        item.putObject(type).put("url", file.url());
        delta.withArray("/" + list).add(item);
        all.add(item);
    }

    /** As OpenAI's clients read a spoken answer; files of ours stay until they are deleted. */
    private static ObjectNode audio(ComposeEvent.Made event, Kept file, int index) {
        return Json.MAPPER
                .createObjectNode()
                .put("id", file.fileId())
                .put(
                        "data",
                        Base64.getEncoder()
                                .encodeToString(event.files().get(index).toArray()))
                .putNull("expires_at")
                .put("transcript", event.lineage().prompt());
    }

    /** The error of an answer nothing of which could be made. */
    ApiException nothingMade() {
        ComposeEvent.NotMade first = failure.orElseThrow();
        if (first.retriable()) {
            return ApiException.of(ApiException.Kind.OVERLOADED, code(first), first.reason())
                    .retryAfter(SOON);
        }
        return ApiException.of(
                first.code().equals("generator.absent") ? ApiException.Kind.INVALID : ApiException.Kind.INTERNAL,
                code(first),
                first.reason());
    }

    private static String code(ComposeEvent.NotMade failed) {
        return failed.code().replace('.', '_');
    }

    /** Something that could not be made. */
    void notMade(ComposeEvent.NotMade event) {
        failure = failure.or(() -> Optional.of(event));
        ObjectNode part = parts.addObject().put("index", event.index());
        part.putObject("error").put("code", event.code()).put("message", event.reason());
    }

    private ObjectNode part(int index, Lineage lineage) {
        ObjectNode part = parts.addObject()
                .put("index", index)
                .put("modality", lineage.modality())
                .put("prompt", lineage.prompt())
                .put("generator", lineage.generator())
                .put("seed", lineage.seed());
        lineage.changed().ifPresent(sha256 -> part.put("changed", sha256));
        if (!facts.has("media")) {
            ArrayNode media = facts.putArray("media");
            lineage.media().forEach(media::add);
        }
        return part;
    }

    /** The whole answer. */
    ObjectNode completion() {
        ObjectNode completion = head("chat.completion").put("service_tier", "default");
        ObjectNode choice = completion.putArray("choices").addObject().put("index", 0);
        ObjectNode message = choice.putObject("message").put("role", "assistant");
        message.put("content", words.isEmpty() ? null : String.join("\n", words))
                .putNull("refusal");
        if (!images.isEmpty()) {
            message.set("images", images);
        }
        if (!videos.isEmpty()) {
            message.set("videos", videos);
        }
        if (!sounds.isEmpty()) {
            message.set("audios", sounds);
        }
        audio.ifPresent(sound -> message.set("audio", sound));
        choice.putNull("logprobs").put("finish_reason", "stop");
        completion.set("usage", usage());
        completion.set("kinora", facts());
        return completion;
    }

    /** A chunk of a stream that says this. */
    ObjectNode chunk(ObjectNode delta, boolean usage) {
        ObjectNode chunk = head("chat.completion.chunk");
        ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
        choice.set("delta", delta);
        choice.putNull("logprobs").putNull("finish_reason");
        if (usage) {
            chunk.putNull("usage");
        }
        return chunk;
    }

    /** The chunks that end a stream. */
    List<ObjectNode> end(boolean usage) {
        ObjectNode last = chunk(Json.MAPPER.createObjectNode(), usage);
        ((ObjectNode) last.path("choices").path(0)).put("finish_reason", "stop");
        last.set("kinora", facts());
        if (!usage) {
            return List.of(last);
        }
        ObjectNode took = head("chat.completion.chunk");
        took.putArray("choices");
        took.set("usage", usage());
        return List.of(last, took);
    }

    private ObjectNode facts() {
        facts.set("parts", parts);
        return facts;
    }

    private ObjectNode usage() {
        int prompt = responded.map(ComposeEvent.Responded::promptTokens).orElse(0);
        int written = responded.map(ComposeEvent.Responded::newTokens).orElse(0);
        return Json.MAPPER
                .createObjectNode()
                .put("prompt_tokens", prompt)
                .put("completion_tokens", written)
                .put("total_tokens", prompt + written);
    }

    private ObjectNode head(String object) {
        return Json.MAPPER
                .createObjectNode()
                .put("id", id)
                .put("object", object)
                .put("created", created)
                .put("model", card.name())
                .put("system_fingerprint", "fp_" + card.revision());
    }
}
