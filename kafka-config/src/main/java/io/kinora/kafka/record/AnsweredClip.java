package io.kinora.kafka.record;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * What the model looked at.
 *
 * @param reference the clip's place on its topic
 * @param clipId the clip's id
 * @param sha256 of the clip's bytes, 64 lower-case hexadecimal digits
 * @param frameTimestamps the presentation time of each sampled frame within the clip; in JSON, seconds
 */
public record AnsweredClip(ClipReference reference, String clipId, String sha256, List<Duration> frameTimestamps) {
    public AnsweredClip {
        Objects.requireNonNull(reference);
        Checks.id("clip.clipId", clipId);
        Checks.sha256("clip.sha256", sha256);
        frameTimestamps = List.copyOf(frameTimestamps);
    }
}
