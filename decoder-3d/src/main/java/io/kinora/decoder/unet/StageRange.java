package io.kinora.decoder.unet;

/**
 * A run of a U-Net's stages, for cutting it over devices. With L levels stage 0 is the input, 1 to L the down blocks, L+1 the mid block,
 * L+2 to 2L+1 the up blocks, and 2L+2 the output.
 *
 * @param from first stage
 * @param to stage after the last
 */
public record StageRange(int from, int to) {
    /** Checks that there is at least one stage. */
    public StageRange {
        if (from < 0 || to <= from) {
            throw new IllegalArgumentException("no stages in %d..%d".formatted(from, to));
        }
    }

    /** Number of stages of a U-Net with that many levels. */
    public static int stages(int levels) {
        return 2 * levels + 3;
    }

    /** All stages of a U-Net with that many levels. */
    public static StageRange all(int levels) {
        return new StageRange(0, stages(levels));
    }

    boolean contains(int stage) {
        return from <= stage && stage < to;
    }
}
