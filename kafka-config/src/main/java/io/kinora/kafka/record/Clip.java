package io.kinora.kafka.record;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A short piece of video, one Kafka record.
 *
 * @param id the clip's own: {@code ce_id}, else {@code topic-partition-offset}
 * @param stream the ordered source it belongs to, and the record's key
 * @param mediaType for example {@code video/mp4}; empty when the producer said none, and the decoder has to sniff
 * @param payload the bytes, or where they are
 * @param at the time of the clip: {@code ce_time}, else the record's timestamp
 */
public record Clip(String id, String stream, Optional<String> mediaType, ClipPayload payload, Instant at) {
    public Clip {
        Checks.id("id", id);
        Checks.id("stream", stream);
        mediaType.ifPresent(type -> Checks.id("mediaType", type));
        Objects.requireNonNull(payload);
        Objects.requireNonNull(at);
    }
}
