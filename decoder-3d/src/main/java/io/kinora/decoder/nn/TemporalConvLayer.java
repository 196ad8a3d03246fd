package io.kinora.decoder.nn;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Four stages of group norm, SiLU and a temporal convolution of width 3, added to the input.
 *
 * <p>The norms' statistics run over all frames of a sample. Official class: diffusers {@code TemporalConvLayer}. Thread-safe.
 */
public final class TemporalConvLayer {
    private static final int STAGES = 4;
    private static final double EPS = 1e-5;

    private final List<GroupNorm> norms;
    private final List<TemporalConv1d> convs;

    /** Takes {@code conv1.0}, {@code conv1.2} and, a dropout standing between them, {@code convN.0}, {@code convN.3}. */
    public TemporalConvLayer(Weights weights, long channels, int groups) {
        List<GroupNorm> norms = new ArrayList<>();
        List<TemporalConv1d> convs = new ArrayList<>();
        for (int stage = 1; stage <= STAGES; stage++) {
            Weights at = weights.at("conv" + stage);
            norms.add(new GroupNorm(at.at("0"), channels, groups, EPS));
            convs.add(new TemporalConv1d(at.at(stage == 1 ? "2" : "3"), channels));
        }
        this.norms = List.copyOf(norms);
        this.convs = List.copyOf(convs);
    }

    /** {@code [B·F, C, Y, X]} to the same. */
    public Tensor forward(Tensor x, long frames) {
        try (Scope scope = x.engine().scope()) {
            Tensor video = ChannelsLast.video(x, frames); // [B, C, F, Y, X]
            Tensor y = video;
            for (int stage = 0; stage < STAGES; stage++) {
                Tensor active = norms.get(stage).forwardSilu(y);
                if (stage > 0) {
                    y.close();
                }
                y = convs.get(stage).forward(active); // [B, C, F, Y, X]
                active.close();
            }
            return scope.keep(ChannelsLast.images(y.addOver(video)));
        }
    }
}
