package io.kinora.video;

import java.util.List;

/**
 * What an {@link AudioReader} read.
 *
 * @param clip the samples, at the track's own rate, one after the other as they were decoded
 * @param track the stream they come from
 * @param whole whether this is all there is; false where the reader stopped at the span it was asked for
 * @param damage what was found to be missing or broken, in words; empty for sound found whole
 */
public record DecodedAudio(AudioClip clip, AudioTrack track, boolean whole, List<String> damage) {
    public DecodedAudio {
        damage = List.copyOf(damage);
    }
}
