package io.kinora.decoder.unet;

import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * What goes from one stage of a U-Net to the next.
 *
 * @param hidden {@code [B·F, C, Y, X]}
 * @param skips what the up blocks still need, the newest last; tensors of the same scope as {@code hidden}
 * @param frames F
 */
public record UNetState(Tensor hidden, List<Tensor> skips, long frames) {
    /** Copies the list. */
    public UNetState {
        skips = List.copyOf(skips);
    }

    UNetState with(Tensor next) {
        return new UNetState(next, skips, frames);
    }

    UNetState push(Tensor next) {
        List<Tensor> more = new ArrayList<>(skips);
        more.add(next);
        return new UNetState(next, more, frames);
    }

    Tensor newestSkip() {
        return skips.get(skips.size() - 1);
    }

    UNetState withoutNewestSkip(Tensor next) {
        return new UNetState(next, skips.subList(0, skips.size() - 1), frames);
    }

    /** Frees the hidden state unless an up block will still ask for it. */
    void freeHidden() {
        if (skips.stream().noneMatch(skip -> skip == hidden)) {
            hidden.close();
        }
    }
}
