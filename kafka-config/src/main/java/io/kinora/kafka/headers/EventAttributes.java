package io.kinora.kafka.headers;

import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.MalformedRecordException.Code;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The context attributes of a CloudEvent, version 1.0 of the specification.
 *
 * @param id unique among the events of its source
 * @param source what the event happened at: a URI reference
 * @param type of the event, for example {@code io.kinora.answer.v1}
 * @param time when it happened
 * @param subject what of the source it is about
 * @param dataSchema the schema its data keeps to: a URI
 * @param extensions every other attribute by name, without prefix
 */
public record EventAttributes(
        String id,
        String source,
        String type,
        Optional<Instant> time,
        Optional<String> subject,
        Optional<String> dataSchema,
        Map<String, String> extensions) {
    static final String VERSION = "1.0";
    private static final Pattern NAME = Pattern.compile("[a-z0-9]+");

    public EventAttributes {
        notEmpty("id", id);
        notEmpty("source", source);
        notEmpty("type", type);
        extensions = Map.copyOf(extensions);
    }

    private static void notEmpty(String name, String value) {
        if (value.isEmpty()) {
            throw new IllegalArgumentException("CloudEvents attribute %s is empty".formatted(name));
        }
    }

    /**
     * When the event is of no use any more: the extension {@code expirytime}.
     *
     * @throws MalformedRecordException when it is no time
     */
    public Optional<Instant> expiry() {
        return Optional.ofNullable(extensions.get("expirytime")).map(text -> instant("expirytime", text));
    }

    /**
     * Reads attributes by name, the specification's version among them.
     *
     * @throws MalformedRecordException when a required one is missing, or one has a form that is not allowed
     */
    static EventAttributes of(Map<String, String> byName) {
        Map<String, String> rest = new TreeMap<>(byName);
        String version = required(rest, "specversion");
        if (!version.equals(VERSION)) {
            throw malformed("specversion is \"%s\", allowed is %s".formatted(version, VERSION));
        }
        for (String name : rest.keySet()) {
            if (!NAME.matcher(name).matches()) {
                throw malformed("attribute name \"%s\" has characters other than a-z and 0-9".formatted(name));
            }
        }
        String id = required(rest, "id");
        String source = required(rest, "source");
        String type = required(rest, "type");
        Optional<Instant> time = Optional.ofNullable(rest.remove("time")).map(text -> instant("time", text));
        Optional<String> subject = Optional.ofNullable(rest.remove("subject"));
        Optional<String> dataSchema = Optional.ofNullable(rest.remove("dataschema"));
        return new EventAttributes(id, source, type, time, subject, dataSchema, rest);
    }

    private static String required(Map<String, String> attributes, String name) {
        String value = attributes.remove(name);
        if (value == null || value.isEmpty()) {
            throw malformed("required attribute %s is missing".formatted(name));
        }
        return value;
    }

    private static Instant instant(String name, String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new MalformedRecordException(
                    Code.CLOUD_EVENT, "CloudEvent: %s is \"%s\", expected RFC 3339".formatted(name, text), e);
        }
    }

    static MalformedRecordException malformed(String what) {
        return new MalformedRecordException(Code.CLOUD_EVENT, "CloudEvent: " + what);
    }
}
