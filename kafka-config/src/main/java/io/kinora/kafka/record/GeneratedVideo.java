package io.kinora.kafka.record;

import java.time.Instant;
import java.util.Objects;

/**
 * A generated clip with what made it.
 *
 * @param provenance everything that makes the same clip again; travels in the record's headers
 * @param format of the bytes
 * @param payload the bytes, or where they are
 * @param at when the clip was complete
 */
public record GeneratedVideo(VideoProvenance provenance, VideoFormat format, ClipPayload payload, Instant at) {
    public GeneratedVideo {
        Objects.requireNonNull(provenance);
        Objects.requireNonNull(format);
        Objects.requireNonNull(payload);
        Objects.requireNonNull(at);
    }
}
