package io.kinora.training.data;

import java.util.SplittableRandom;

/** A user's clips among those of the world, so that what is new is learned and what is known is kept. Thread-safe. */
public final class MixedClips implements ClipSource {
    private static final long STREAM = 0xd1b54a32d192ed03L;

    private final ClipSource own;
    private final ClipSource known;
    private final double share;

    /**
     * Of two sources.
     *
     * @param share of examples that are the user's own
     */
    public MixedClips(ClipSource own, ClipSource known, double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("a share is 0 to 1, got " + share);
        }
        this.own = own;
        this.known = known;
        this.share = share;
    }

    @Override
    public ClipExample example(long index, int frames) {
        boolean isOwn = new SplittableRandom(index * STREAM).nextDouble() < share;
        return (isOwn ? own : known).example(index, frames);
    }
}
