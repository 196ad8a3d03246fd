package io.kinora.decoder.nn;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Norm, SiLU, convolution, shift by time, norm, SiLU, convolution, added to the input; every frame for itself (unless inflated).
 * Official class: diffusers {@code ResnetBlock2D} with {@code time_embedding_norm = "default"}. Thread-safe.
 */
public final class ResnetBlock2d {
    private final GroupNorm norm1;
    private final Conv2d conv1;
    private final Optional<Linear> timeProjection; // D -> O
    private final GroupNorm norm2;
    private final Conv2d conv2;
    private final Optional<Conv2d> shortcut;

    /**
     * Widths and constants of a block.
     *
     * @param timeWidth width of the time embedding; empty in a VAE, which knows no time
     */
    public record Sizes(long in, long out, OptionalInt timeWidth, int groups, double eps) {}

    /** Takes {@code norm1, conv1, time_emb_proj, norm2, conv2}, and {@code conv_shortcut} where the width changes. */
    public ResnetBlock2d(Weights weights, Sizes sizes, Conv2d.Inflation inflation) {
        this.norm1 = new GroupNorm(weights.at("norm1"), sizes.in, sizes.groups, sizes.eps);
        this.conv1 = Conv2d.of3x3(weights.at("conv1"), sizes.in, sizes.out, inflation);
        this.timeProjection = sizes.timeWidth.isPresent()
                ? Optional.of(Linear.of(weights.at("time_emb_proj"), sizes.timeWidth.getAsInt(), sizes.out))
                : Optional.empty();
        this.norm2 = new GroupNorm(weights.at("norm2"), sizes.out, sizes.groups, sizes.eps);
        this.conv2 = Conv2d.of3x3(weights.at("conv2"), sizes.out, sizes.out, inflation);
        this.shortcut = sizes.in == sizes.out
                ? Optional.empty()
                : Optional.of(Conv2d.of1x1(weights.at("conv_shortcut"), sizes.in, sizes.out));
    }

    /**
     * What time adds after the first convolution, with that convolution's bias: it is the same for every pixel and frame, so the
     * convolution can add both at once.
     *
     * @param activeEmbedding SiLU of the time embedding, {@code [rows, D]}
     * @return {@code [rows, O]}
     */
    Tensor shifts(Tensor activeEmbedding) {
        Linear projection =
                timeProjection.orElseThrow(() -> new IllegalStateException("this block was built without time"));
        return projection.forward(activeEmbedding).addOver(conv1.bias());
    }

    /** {@code [B·F, C, Y, X]} to {@code [B·F, O, Y, X]} at one time. */
    public Tensor forward(Tensor x, long frames, TimeStep time) {
        return forward(x, frames, Optional.of(time));
    }

    /** {@code [N, C, Y, X]} to {@code [N, O, Y, X]} without time. */
    public Tensor forward(Tensor x) {
        return forward(x, 1, Optional.empty());
    }

    private Tensor forward(Tensor x, long frames, Optional<TimeStep> time) {
        try (Scope scope = x.engine().scope()) {
            Tensor active = norm1.forwardSilu(x);
            Tensor h = time.isPresent()
                    ? conv1.forward(active, frames, time.get().shift(this))
                    : conv1.forward(active, frames); // [B·F, O, Y, X]
            active.close();
            Tensor activeAgain = norm2.forwardSilu(h);
            h.close();
            Tensor out = conv2.forward(activeAgain, frames);
            activeAgain.close();
            Tensor residual = shortcut.map(conv -> conv.forward(x, frames)).orElse(x);
            return scope.keep(out.addOver(residual));
        }
    }
}
