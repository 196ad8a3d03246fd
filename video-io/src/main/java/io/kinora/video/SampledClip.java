package io.kinora.video;

import java.time.Duration;
import java.util.List;

/**
 * Frames taken evenly from a clip.
 *
 * @param frames as many as were asked for, in presentation order; a clip with fewer repeats some, which then share pixels
 * @param framesInClip frames the clip has; in a damaged clip, frames that could be decoded
 * @param duration from the first frame coming on screen to the last going off
 * @param rule whether places were counted in frames or in time
 * @param framesDecoded pictures that went through the decoder to get these frames
 * @param damage what was found to be missing or broken, in words; empty for a clip found whole
 * @param info what the container says
 */
public record SampledClip(
        List<ClipFrame> frames,
        int framesInClip,
        Duration duration,
        SamplingRule rule,
        int framesDecoded,
        List<String> damage,
        VideoInfo info) {
    public SampledClip {
        frames = List.copyOf(frames);
        damage = List.copyOf(damage);
        if (frames.isEmpty() || framesInClip < 1) {
            throw new IllegalArgumentException("a sampled clip has at least one frame");
        }
    }

    /** Whether something was found to be missing or broken. */
    public boolean isDamaged() {
        return !damage.isEmpty();
    }

    /** The indices of the frames. */
    public List<Integer> indices() {
        return frames.stream().map(ClipFrame::index).toList();
    }

    /** The time stamps of the frames. */
    public List<Duration> timestamps() {
        return frames.stream().map(ClipFrame::timestamp).toList();
    }
}
