package io.kinora.service.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.kafka.record.WireSchema;
import io.kinora.kafka.topic.Topic;
import io.kinora.kafka.topic.TopicCatalog;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** The topics and their records as an AsyncAPI document, made from the catalog and the published schemas. */
public final class AsyncApiDocument {
    private AsyncApiDocument() {}

    private record Channel(String key, String summary, Optional<WireSchema> schema) {
        static Channel json(WireSchema schema, String key, String summary) {
            return new Channel(key, summary, Optional.of(schema));
        }

        static Channel bytes(String key, String summary) {
            return new Channel(key, summary, Optional.empty());
        }
    }

    private static Channel of(Topic topic) {
        return switch (topic) {
            case CLIPS ->
                Channel.bytes(
                        "the stream's id", "One clip a record: its bytes, or a claim check that says where they are.");
            case QUESTIONS ->
                Channel.json(
                        WireSchema.QUESTION,
                        "the id of a clip or of a stream",
                        "Questions about clips; plain text is the question itself.");
            case SUBSCRIPTIONS ->
                Channel.json(
                        WireSchema.SUBSCRIPTION,
                        "the subscription's id",
                        "Standing questions; a record without a value ends one.");
            case ANSWERS -> Channel.json(WireSchema.ANSWER, "the stream's id", "Final answers.");
            case PARTIAL_ANSWERS ->
                Channel.json(WireSchema.ANSWER_DELTA, "the question's id", "Answers while they are written.");
            case PROMPTS ->
                Channel.json(
                        WireSchema.PROMPT,
                        "the job's id",
                        "Requests for videos, and that jobs be given up; plain text is the prompt itself.");
            case JOBS -> Channel.json(WireSchema.JOB_STATE, "the job's id", "The latest state of each job.");
            case VIDEOS ->
                Channel.bytes("the job's id", "Generated videos; the headers say what they were made from and with.");
            case ALERTS ->
                Channel.json(WireSchema.ALERT, "the stream's id", "Alerts of standing questions, and their ends.");
            case SUBSCRIPTION_STATES ->
                Channel.json(
                        WireSchema.SUBSCRIPTION_STATE,
                        "the ids of subscription and stream",
                        "How far each standing question is in each stream.");
            case LETTER_DECISIONS ->
                Channel.json(WireSchema.LETTER_DECISION, "the letter's place", "What was decided about dead letters.");
            case INSTRUCTIONS ->
                Channel.json(
                        WireSchema.INSTRUCTION, "the instruction's id", "Instructions with media, for a ModaVerse.");
            case SESSIONS -> Channel.json(WireSchema.SESSION, "the session's id", "Conversations, as they are kept.");
            case RESPONSES -> Channel.json(WireSchema.RESPONSE, "the instruction's id", "What became of instructions.");
        };
    }

    /** The document for topics under these names. */
    public static ObjectNode of(TopicCatalog topics) {
        ObjectNode document = Json.MAPPER.createObjectNode().put("asyncapi", "3.0.0");
        document.putObject("info")
                .put("title", "Kinora")
                .put("version", "0.1.0-SNAPSHOT")
                .put(
                        "description",
                        "Headers are those of CloudEvents 1.0 in binary mode with W3C trace context; all of them may be left out of what is sent to Kinora.")
                .putObject("license")
                .put("name", "Apache-2.0");
        document.put("defaultContentType", "application/json");
        ObjectNode channels = document.putObject("channels");
        ObjectNode operations = document.putObject("operations");
        ObjectNode messages = document.putObject("components").putObject("messages");
        ObjectNode schemas = ((ObjectNode) document.path("components")).putObject("schemas");
        for (WireSchema schema : WireSchema.values()) {
            schemas.set(schema.kind(), Json.read(ByteBuffer.wrap(schema.json().getBytes(StandardCharsets.UTF_8))));
        }
        for (Topic topic : Topic.values()) {
            Channel channel = of(topic);
            String name = topic.name().toLowerCase(Locale.ROOT).replace('_', '-');
            channel(channels, name, topics.name(topic), channel.summary(), name);
            message(messages, name, channel);
            operations
                    .putObject(name)
                    .put("action", topic.isInput() ? "receive" : "send")
                    .putObject("channel")
                    .put("$ref", "#/channels/" + name);
            topics.deadLetter(topic)
                    .ifPresent(spec -> channel(
                            channels,
                            name + "-dead-letters",
                            spec.name(),
                            "Records of %s that could not be processed, untouched; the headers say why."
                                    .formatted(topics.name(topic)),
                            name));
        }
        return document;
    }

    private static void channel(ObjectNode channels, String name, String address, String summary, String message) {
        ObjectNode channel = channels.putObject(name).put("address", address).put("summary", summary);
        channel.putObject("messages").putObject(message).put("$ref", "#/components/messages/" + message);
    }

    private static void message(ObjectNode messages, String name, Channel channel) {
        ObjectNode message = messages.putObject(name);
        message.putObject("bindings")
                .putObject("kafka")
                .putObject("key")
                .put("type", "string")
                .put("description", channel.key());
        if (channel.schema().isPresent()) {
            message.put("contentType", "application/json")
                    .putObject("payload")
                    .put(
                            "$ref",
                            "#/components/schemas/" + channel.schema().get().kind());
        } else {
            message.put("contentType", "video/mp4");
        }
    }
}
