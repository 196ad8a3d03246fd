package io.kinora.actors.answer;

import io.kinora.actors.shard.TextOptions;
import io.kinora.video.DecodeLimits;
import io.kinora.video.VideoSource;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A question about a clip.
 *
 * @param id chosen by the asker, unique among the questions that are being answered
 * @param clip where its bytes are
 * @param clipHash SHA-256 of its bytes: what is known of a clip is kept under it
 * @param text the question
 * @param frames how many frames are looked at
 * @param limits of decoding
 * @param options of the answer
 * @param priority higher is served first
 * @param deadline when the answer is no longer wanted
 */
public record AnswerRequest(
        String id,
        VideoSource clip,
        String clipHash,
        String text,
        int frames,
        DecodeLimits limits,
        TextOptions options,
        int priority,
        Optional<Instant> deadline) {
    /** Checks that nothing is missing. */
    public AnswerRequest {
        Objects.requireNonNull(id);
        Objects.requireNonNull(clip);
        Objects.requireNonNull(clipHash);
        Objects.requireNonNull(text);
    }
}
