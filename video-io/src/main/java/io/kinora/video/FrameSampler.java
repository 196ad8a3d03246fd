package io.kinora.video;

import java.util.function.UnaryOperator;

/**
 * Takes frames evenly from a clip: the clip is cut into n equal parts, and the frame in the middle of each is taken.
 *
 * <p>At a constant frame rate, part k is frame floor((k + ½) · total / n) in presentation order, in exact integers. At a
 * variable rate it is the frame on screen at (k + ½) · duration / n, where the duration reaches from the first frame
 * coming on screen to the last going off. A rate is constant if every time stamp is within one tick of the container's
 * clock of an even grid. A clip with fewer frames than n repeats some by the same formula. {@link SampledClip#rule()}
 * says which was applied.
 *
 * <p>In a damaged clip, total counts the frames that could be decoded. Damage is looked for in what has to be read:
 * {@link #decodingEverything()} looks everywhere.
 *
 * <p>Immutable; safe for use by several threads.
 */
public final class FrameSampler {
    /** The most frames that are taken from a clip. */
    public static final int MOST_FRAMES = 64;

    private final int frames;
    private final boolean strict;
    private final boolean everything;
    private final UnaryOperator<RgbFrame> each;

    private FrameSampler(int frames, boolean strict, boolean everything, UnaryOperator<RgbFrame> each) {
        this.frames = frames;
        this.strict = strict;
        this.everything = everything;
        this.each = each;
    }

    /**
     * Takes this many frames.
     *
     * @throws IllegalArgumentException unless it is 1 to {@link #MOST_FRAMES}
     */
    public static FrameSampler uniform(int frames) {
        if (frames < 1 || frames > MOST_FRAMES) {
            throw new IllegalArgumentException(
                    "1 to %d frames can be sampled from a clip, got %d".formatted(MOST_FRAMES, frames));
        }
        return new FrameSampler(frames, false, false, UnaryOperator.identity());
    }

    /** Refuses damaged clips with {@link DamagedClipException} instead of sampling what is left of them. */
    public FrameSampler refusingDamaged() {
        return new FrameSampler(frames, true, everything, each);
    }

    /** Decodes every frame of the clip, not only those needed: slower, the same frames, and all damage is found. */
    public FrameSampler decodingEverything() {
        return new FrameSampler(frames, strict, true, each);
    }

    /**
     * Passes each frame through an operation as soon as it is decoded, as resizing, so that large frames are not held
     * together.
     */
    public FrameSampler mapping(UnaryOperator<RgbFrame> operation) {
        return new FrameSampler(frames, strict, everything, frame -> operation.apply(each.apply(frame)));
    }

    /**
     * Opens a source, samples it and closes it.
     *
     * @throws UnreadableClipException if it is no clip that can be decoded
     * @throws ClipLimitException if it is larger than the limits allow
     * @throws ForbiddenUrlException if it is a URL that its policy does not allow
     * @throws ClipFetchException if it is a URL that could not be fetched
     */
    public SampledClip sample(VideoSource source, DecodeLimits limits) {
        try (VideoClip clip = VideoClip.open(source, limits)) {
            return clip.sample(this);
        }
    }

    int frames() {
        return frames;
    }

    boolean isStrict() {
        return strict;
    }

    boolean decodesEverything() {
        return everything;
    }

    UnaryOperator<RgbFrame> each() {
        return each;
    }
}
