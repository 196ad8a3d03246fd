package io.kinora.decoder.unet;

import io.kinora.decoder.nn.Conv2d;
import java.util.List;

/**
 * The sizes that every U-Net has, level 0 being the largest image.
 *
 * @param inChannels latent channels in
 * @param outChannels latent channels out
 * @param widths channels of each level
 * @param layers units of each level on the way down; there is one more on the way up
 * @param downAttention whether a level's units attend, on the way down
 * @param upAttention whether a level's units attend, on the way up (by level, not in the order of the up blocks)
 * @param groups groups of every norm
 * @param eps added to the variance in the ResNets' and the last norm
 * @param shiftWidth width of what the ResNets' time projections read
 * @param inflation whether a temporal convolution follows each spatial one
 */
record UNetLayout(
        int inChannels,
        int outChannels,
        List<Integer> widths,
        List<Integer> layers,
        List<Boolean> downAttention,
        List<Boolean> upAttention,
        int groups,
        double eps,
        int shiftWidth,
        Conv2d.Inflation inflation) {
    UNetLayout {
        widths = List.copyOf(widths);
        layers = List.copyOf(layers);
        downAttention = List.copyOf(downAttention);
        upAttention = List.copyOf(upAttention);
    }

    int levels() {
        return widths.size();
    }

    int width(int level) {
        return widths.get(level);
    }

    /** Width of the time embedding itself. */
    int timeWidth() {
        return 4 * width(0);
    }

    boolean lowest(int level) {
        return level == levels() - 1;
    }

    /** Channels that enter a level on the way down: those of the level above. */
    int enteringDown(int level) {
        return width(Math.max(level - 1, 0));
    }

    /** Channels that unit j of a level receives on the way up: the hidden state's and the skip's. */
    int enteringUp(int level, int unit) {
        int hidden = unit == 0 ? width(Math.min(level + 1, levels() - 1)) : width(level);
        int skip = unit == layers.get(level) ? enteringDown(level) : width(level);
        return hidden + skip;
    }
}
