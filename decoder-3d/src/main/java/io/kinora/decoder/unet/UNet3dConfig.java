package io.kinora.decoder.unet;

import io.kinora.decoder.nn.ModuleConfig;
import java.nio.file.Path;
import java.util.List;

/**
 * Sizes of a {@link UNet3dConditionModel}, as its {@code config.json} gives them.
 *
 * @param inChannels latent channels in
 * @param outChannels latent channels out
 * @param widths channels of each level ({@code block_out_channels})
 * @param layersPerBlock units of a down block; an up block has one more
 * @param downAttention which down blocks attend ({@code CrossAttnDownBlock3D}), in their order
 * @param upAttention which up blocks attend ({@code CrossAttnUpBlock3D}), in their order: lowest level first
 * @param groups groups of every norm
 * @param eps added to the variance in the ResNets' and the last norm
 * @param contextWidth width of the conditioning ({@code cross_attention_dim})
 * @param headWidth width of a head ({@code attention_head_dim}): in this network the name says what it is
 * @param sampleSize height and width of the latents it was trained on
 */
public record UNet3dConfig(
        int inChannels,
        int outChannels,
        List<Integer> widths,
        int layersPerBlock,
        List<Boolean> downAttention,
        List<Boolean> upAttention,
        int groups,
        double eps,
        int contextWidth,
        int headWidth,
        int sampleSize) {
    private static final List<String> DOWN_TYPES =
            List.of("CrossAttnDownBlock3D", "CrossAttnDownBlock3D", "CrossAttnDownBlock3D", "DownBlock3D");
    private static final List<String> UP_TYPES =
            List.of("UpBlock3D", "CrossAttnUpBlock3D", "CrossAttnUpBlock3D", "CrossAttnUpBlock3D");

    /** Checks that the lists are of one length. */
    public UNet3dConfig {
        widths = List.copyOf(widths);
        downAttention = List.copyOf(downAttention);
        upAttention = List.copyOf(upAttention);
        if (widths.isEmpty() || widths.size() != downAttention.size() || widths.size() != upAttention.size()) {
            throw new IllegalArgumentException(
                    "a U-Net has as many down blocks as up blocks and widths, got %d, %d and %d"
                            .formatted(downAttention.size(), upAttention.size(), widths.size()));
        }
        if (layersPerBlock < 1 || headWidth < 1) {
            throw new IllegalArgumentException(
                    "layers per block and head width start at 1, got %d and %d".formatted(layersPerBlock, headWidth));
        }
    }

    /** Reads {@code config.json} in a folder. */
    public static UNet3dConfig read(Path folder) {
        return of(ModuleConfig.read(folder));
    }

    /** Reads a configuration; absent keys have the official class's defaults. */
    public static UNet3dConfig of(ModuleConfig config) {
        config.refuse("num_attention_heads", "the official class refuses it too; attention_head_dim is the head width");
        config.refuse("time_cond_proj_dim", "not computed here");
        config.require("act_fn", "silu", "swish");
        config.require("downsample_padding", 1);
        config.require("mid_block_scale_factor", 1);
        List<String> down = config.texts("down_block_types", DOWN_TYPES);
        List<String> up = config.texts("up_block_types", UP_TYPES);
        List<Integer> widths = config.integers("block_out_channels", List.of(320, 640, 1280, 1280));
        if (widths.size() != down.size() || widths.size() != up.size()) {
            throw config.invalid("%d widths, %d down blocks and %d up blocks: they must be as many"
                    .formatted(widths.size(), down.size(), up.size()));
        }
        return new UNet3dConfig(
                config.integer("in_channels", 4),
                config.integer("out_channels", 4),
                widths,
                config.integer("layers_per_block", 2),
                BlockTypes.attending(config, down, "CrossAttnDownBlock3D", "DownBlock3D"),
                BlockTypes.attending(config, up, "CrossAttnUpBlock3D", "UpBlock3D"),
                config.integer("norm_num_groups", 32),
                config.number("norm_eps", 1e-5),
                config.integer("cross_attention_dim", 1024),
                config.integer("attention_head_dim", 64),
                config.integer("sample_size", 32));
    }

    /** Number of levels. */
    public int levels() {
        return widths.size();
    }
}
