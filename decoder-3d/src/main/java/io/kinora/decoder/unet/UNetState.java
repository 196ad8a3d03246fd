package io.kinora.decoder.unet;

import io.kinora.decoder.nn.ChannelsLast;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What goes from one stage of a U-Net to the next.
 *
 * @param hidden {@code [B·F, C, Y, X]}
 * @param skips what the up blocks still need, the newest last; tensors of the same scope as {@code hidden}
 * @param frames F
 */
public record UNetState(Tensor hidden, List<Tensor> skips, long frames) implements AutoCloseable {
    /** Copies the list. */
    public UNetState {
        skips = List.copyOf(skips);
    }

    /** What the first stage is given of a sample: video latents {@code [B, C, F, Y, X]}, or image latents {@code [B, C, Y, X]}. */
    public static UNetState of(Tensor sample) {
        return sample.rank() == 5
                ? new UNetState(ChannelsLast.images(sample), List.of(), sample.dim(2))
                : new UNetState(sample, List.of(), 1);
    }

    /** What the last stage gave, with as many axes as the sample that the first was given. */
    public Tensor prediction(int rank) {
        return (rank == 5 ? ChannelsLast.video(hidden, frames) : hidden).contiguous();
    }

    /** The same on another engine; what lies on its device already is taken as it is. */
    public UNetState on(Engine engine) {
        List<Tensor> moved = skips.stream().map(engine::adopt).toList();
        int own = IntStream.range(0, skips.size())
                .filter(i -> skips.get(i) == hidden)
                .findFirst()
                .orElse(-1);
        return new UNetState(own < 0 ? engine.adopt(hidden) : moved.get(own), moved, frames);
    }

    /** Takes the tensors out of a scope: whoever gets the state closes it. */
    public UNetState detached(Scope scope) {
        scope.detach(hidden);
        skips.forEach(scope::detach);
        return this;
    }

    /** Frees the tensors that another state does not hold. */
    public void closeBut(UNetState other) {
        Set<Tensor> kept = Collections.newSetFromMap(new IdentityHashMap<>());
        kept.addAll(other.skips);
        kept.add(other.hidden);
        Stream.concat(Stream.of(hidden), skips.stream())
                .filter(tensor -> !kept.contains(tensor))
                .forEach(Tensor::close);
    }

    @Override
    public void close() {
        hidden.close();
        skips.forEach(Tensor::close);
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
