package io.kinora.model.modaverse.imagebind;

import io.kinora.model.checkpoint.CheckpointException;

/**
 * Sizes of one of ImageBind's transformers.
 *
 * @param width channels D of a token
 * @param layers number of blocks
 * @param heads number of attention heads
 * @param hidden channels inside the feed-forward part
 * @param tokens tokens of an input, the class token included
 */
public record TrunkConfig(int width, int layers, int heads, int hidden, int tokens) {
    /** Checks that the sizes are positive and the heads tile the width. */
    public TrunkConfig {
        if (width < 1 || layers < 1 || heads < 1 || hidden < 1 || tokens < 2) {
            throw new CheckpointException(
                    "ImageBind: sizes are positive, got width %d, layers %d, heads %d, hidden %d, tokens %d"
                            .formatted(width, layers, heads, hidden, tokens));
        }
        if (width % heads != 0) {
            throw new CheckpointException("ImageBind: %d heads do not divide a width of %d".formatted(heads, width));
        }
    }

    /** Channels of a head. */
    public int headWidth() {
        return width / heads;
    }
}
