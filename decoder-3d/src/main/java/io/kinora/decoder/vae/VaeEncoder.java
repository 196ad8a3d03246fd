package io.kinora.decoder.vae;

import io.kinora.decoder.nn.ChannelsLast;
import io.kinora.decoder.nn.Conv2d;
import io.kinora.decoder.nn.Downsample2d;
import io.kinora.decoder.nn.GroupNorm;
import io.kinora.decoder.nn.ResnetBlock2d;
import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Images to the moments of latents. Official class: diffusers {@code Encoder}. Thread-safe. */
final class VaeEncoder {
    private final Conv2d convIn;
    private final List<UnaryOperator<Tensor>> layers; // the down blocks, then the mid block
    private final GroupNorm convNormOut;
    private final Conv2d convOut;
    private final Optional<Conv2d> quantConv;

    VaeEncoder(AutoencoderKlConfig config, Weights root) {
        Weights weights = root.at("encoder");
        int in = config.widths().get(0);
        int moments = 2 * config.latentChannels();
        this.convIn = Conv2d.of3x3(weights.at("conv_in"), config.inChannels(), in, Conv2d.Inflation.SPATIAL);
        List<UnaryOperator<Tensor>> order = new ArrayList<>();
        for (int level = 0; level < config.levels(); level++) {
            int out = config.widths().get(level);
            Weights block = weights.at("down_blocks." + level);
            for (ResnetBlock2d resnet : VaeBlocks.resnets(block, config.layersPerBlock(), in, out, config.groups())) {
                order.add(resnet::forward);
            }
            if (level < config.levels() - 1) {
                Downsample2d downsampler = Downsample2d.padEnd(block.at("downsamplers.0"), out);
                order.add(x -> downsampler.forward(x, 1));
            }
            in = out;
        }
        order.addAll(VaeBlocks.Mid.of(weights.at("mid_block"), in, config.groups(), config.midAttention())
                .layers());
        this.layers = List.copyOf(order);
        this.convNormOut = new GroupNorm(weights.at("conv_norm_out"), in, config.groups(), VaeBlocks.EPS);
        this.convOut = Conv2d.of3x3(weights.at("conv_out"), in, moments, Conv2d.Inflation.SPATIAL);
        this.quantConv = config.quantConv()
                ? Optional.of(Conv2d.of1x1(root.at("quant_conv"), moments, moments))
                : Optional.empty();
    }

    /** {@code [N, 3, Y, X]} to {@code [N, 2·L, Y/8, X/8]}. */
    Tensor forward(Tensor image) {
        try (Scope scope = image.engine().scope()) {
            Tensor h = VaeBlocks.chain(convIn.forward(ChannelsLast.of(image), 1), layers);
            Tensor moments = convOut.forward(convNormOut.forwardSilu(h), 1);
            return scope.keep(quantConv.map(conv -> conv.forward(moments, 1)).orElse(moments));
        }
    }
}
