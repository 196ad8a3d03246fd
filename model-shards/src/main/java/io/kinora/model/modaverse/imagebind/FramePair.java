package io.kinora.model.modaverse.imagebind;

import java.util.ArrayList;
import java.util.List;

/**
 * The two frames by which ImageBind knows two seconds of a clip: the first and the last.
 *
 * @param first index of the first frame
 * @param last index of the last one; equal where there is only one
 */
public record FramePair(int first, int last) {
    /** Pieces that a clip is seen in. */
    public static final int PIECES = 5;

    /** Checks the order. */
    public FramePair {
        if (first < 0 || last < first) {
            throw new IllegalArgumentException(
                    "the last frame %d does not follow the first, %d".formatted(last, first));
        }
    }

    /**
     * The pairs of a clip, in order. Of a piece without a frame, which a clip of less than a frame a second can have, the nearest frame
     * before it is taken.
     *
     * @param frames number of frames, at least one
     * @param fps average frames a second
     * @throws IllegalArgumentException if there is no frame or no rate
     */
    public static List<FramePair> of(int frames, double fps) {
        if (frames < 1 || !(fps > 0) || Double.isInfinite(fps)) {
            throw new IllegalArgumentException("a clip has frames at a rate, got %d at %s".formatted(frames, fps));
        }
        ClipSpans spans = ClipSpans.of(frames / fps, PIECES);
        List<FramePair> pairs = new ArrayList<>();
        for (int i = 0; i < PIECES; i++) {
            int first = (int) Math.min(frames - 1L, (long) Math.ceil(fps * spans.startSeconds(i)));
            int end = (int) Math.min(frames, (long) Math.ceil(fps * spans.endSeconds(i)));
            pairs.add(new FramePair(first, Math.max(first, end - 1)));
        }
        return List.copyOf(pairs);
    }
}
