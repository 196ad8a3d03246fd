package io.kinora.kafka.record;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The place of one record, written {@code kafka://topic/partition/offset}. It names a clip for as long as the topic
 * retains it.
 *
 * @param topic a legal Kafka topic name: 1 to 249 of {@code a-z A-Z 0-9 . _ -}, neither {@code .} nor {@code ..}
 * @param partition from 0
 * @param offset from 0
 */
public record ClipReference(String topic, int partition, long offset) implements Comparable<ClipReference> {
    private static final String SCHEME = "kafka://";
    private static final Pattern TOPIC = Pattern.compile("[a-zA-Z0-9._-]{1,249}");
    private static final Pattern FORM =
            Pattern.compile("kafka://([a-zA-Z0-9._-]{1,249})/(0|[1-9][0-9]{0,9})/(0|[1-9][0-9]{0,18})");

    public ClipReference {
        if (!TOPIC.matcher(topic).matches() || topic.equals(".") || topic.equals("..")) {
            throw new IllegalArgumentException(
                    "\"%s\" is no topic name: allowed are 1 to 249 of a-z A-Z 0-9 . _ -".formatted(topic));
        }
        if (partition < 0 || offset < 0) {
            throw new IllegalArgumentException(
                    "partition %d and offset %d of %s must not be negative".formatted(partition, offset, topic));
        }
    }

    /**
     * Reads {@code kafka://topic/partition/offset}, exactly as {@link #toString()} writes it.
     *
     * @throws IllegalArgumentException when the text has another form or a number too large
     */
    @JsonCreator
    public static ClipReference parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "\"%s\" is no clip reference, expected kafka://topic/partition/offset".formatted(text));
        }
        try {
            return new ClipReference(
                    matcher.group(1), Integer.parseInt(matcher.group(2)), Long.parseLong(matcher.group(3)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "\"%s\" is no clip reference: partition or offset is too large".formatted(text), e);
        }
    }

    /**
     * Reads a reference if the text claims to be one (starts with {@code kafka://}), and is empty for any other text.
     *
     * @throws IllegalArgumentException when the text claims to be a reference and is none
     */
    public static Optional<ClipReference> parseIfReference(String text) {
        return text.startsWith(SCHEME) ? Optional.of(parse(text)) : Optional.empty();
    }

    /** A record's own id, for records that bring none: {@code topic-partition-offset}. */
    public String defaultId() {
        return topic + "-" + partition + "-" + offset;
    }

    @Override
    public int compareTo(ClipReference other) {
        int byTopic = topic.compareTo(other.topic);
        int byPartition = byTopic != 0 ? byTopic : Integer.compare(partition, other.partition);
        return byPartition != 0 ? byPartition : Long.compare(offset, other.offset);
    }

    @JsonValue
    @Override
    public String toString() {
        return SCHEME + topic + "/" + partition + "/" + offset;
    }
}
