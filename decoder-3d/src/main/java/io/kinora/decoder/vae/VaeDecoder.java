package io.kinora.decoder.vae;

import io.kinora.decoder.nn.ChannelsLast;
import io.kinora.decoder.nn.Conv2d;
import io.kinora.decoder.nn.GroupNorm;
import io.kinora.decoder.nn.ResnetBlock2d;
import io.kinora.decoder.nn.Upsample2d;
import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.DType;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Latents to images. Official class: diffusers {@code Decoder}. Thread-safe. */
final class VaeDecoder {
    private final Optional<Conv2d> postQuantConv;
    private final Conv2d convIn;
    private final List<UnaryOperator<Tensor>> layers; // mid block, then the up blocks
    private final GroupNorm convNormOut;
    private final Conv2d convOut;

    VaeDecoder(AutoencoderKlConfig config, Weights root) {
        Weights weights = root.at("decoder");
        int lowest = config.lowestWidth();
        this.postQuantConv = config.postQuantConv()
                ? Optional.of(
                        Conv2d.of1x1(root.at("post_quant_conv"), config.latentChannels(), config.latentChannels()))
                : Optional.empty();
        this.convIn = Conv2d.of3x3(weights.at("conv_in"), config.latentChannels(), lowest, Conv2d.Inflation.SPATIAL);
        List<UnaryOperator<Tensor>> order = new ArrayList<>(
                VaeBlocks.Mid.of(weights.at("mid_block"), lowest, config.groups(), config.midAttention())
                        .layers());
        int in = lowest;
        for (int index = 0; index < config.levels(); index++) {
            int level = config.levels() - 1 - index;
            int out = config.widths().get(level);
            Weights block = weights.at("up_blocks." + index);
            for (ResnetBlock2d resnet :
                    VaeBlocks.resnets(block, config.layersPerBlock() + 1, in, out, config.groups())) {
                order.add(resnet::forward);
            }
            if (level > 0) {
                Upsample2d upsampler = new Upsample2d(block.at("upsamplers.0"), out, Conv2d.Inflation.SPATIAL);
                order.add(x -> upsampler.forward(x, 1, 2 * x.dim(2), 2 * x.dim(3)));
            }
            in = out;
        }
        this.layers = List.copyOf(order);
        this.convNormOut = new GroupNorm(weights.at("conv_norm_out"), in, config.groups(), VaeBlocks.EPS);
        this.convOut = Conv2d.of3x3(weights.at("conv_out"), in, config.outChannels(), Conv2d.Inflation.SPATIAL);
    }

    DType dtype() {
        return convIn.dtype();
    }

    /** {@code [N, L, y, x]} to {@code [N, 3, 8·y, 8·x]}. */
    Tensor forward(Tensor latent) {
        try (Scope scope = latent.engine().scope()) {
            Tensor z = ChannelsLast.of(latent);
            Tensor quantised = postQuantConv.map(conv -> conv.forward(z, 1)).orElse(z);
            Tensor h = VaeBlocks.chain(convIn.forward(quantised, 1), layers);
            Tensor active = convNormOut.forwardSilu(h);
            h.close();
            return scope.keep(convOut.forward(active, 1));
        }
    }
}
