package io.kinora.decoder.vae;

import io.kinora.decoder.nn.ModuleConfig;
import java.nio.file.Path;
import java.util.List;

/**
 * Sizes of an {@link AutoencoderKl}, as its {@code config.json} gives them.
 *
 * @param inChannels channels of the images it encodes
 * @param outChannels channels of the images it decodes
 * @param latentChannels channels of a latent
 * @param widths channels of each level, level 0 being full resolution ({@code block_out_channels})
 * @param layersPerBlock ResNets of a level of the encoder; the decoder has one more
 * @param groups groups of every norm
 * @param sampleSize height and width in pixels of a tile
 * @param scalingFactor what a latent is multiplied by for diffusion
 * @param forceUpcast true if decoding in half precision overflows
 * @param quantConv whether a 1×1 convolution follows the encoder
 * @param postQuantConv whether a 1×1 convolution precedes the decoder
 * @param midAttention whether the lowest level attends
 */
public record AutoencoderKlConfig(
        int inChannels,
        int outChannels,
        int latentChannels,
        List<Integer> widths,
        int layersPerBlock,
        int groups,
        int sampleSize,
        double scalingFactor,
        boolean forceUpcast,
        boolean quantConv,
        boolean postQuantConv,
        boolean midAttention) {
    private static final double SD_SCALING = 0.18215;

    /** Checks that there is a level, and a scale that can be divided by. */
    public AutoencoderKlConfig {
        widths = List.copyOf(widths);
        if (widths.isEmpty() || layersPerBlock < 1) {
            throw new IllegalArgumentException(
                    "an autoencoder has levels and layers, got %s and %d".formatted(widths, layersPerBlock));
        }
        if (!(scalingFactor > 0)) {
            throw new IllegalArgumentException("the scaling factor is positive, got " + scalingFactor);
        }
    }

    /** Reads {@code config.json} in a folder. */
    public static AutoencoderKlConfig read(Path folder) {
        return of(ModuleConfig.read(folder));
    }

    /** Reads a configuration; absent keys have the official class's defaults. */
    public static AutoencoderKlConfig of(ModuleConfig config) {
        config.require("act_fn", "silu", "swish");
        config.refuse("shift_factor", "no released checkpoint that is supported here has it");
        config.refuse("latents_mean", "no released checkpoint that is supported here has it");
        config.refuse("latents_std", "no released checkpoint that is supported here has it");
        List<Integer> widths = config.integers("block_out_channels", List.of(64));
        requireBlocks(config, "down_block_types", "DownEncoderBlock2D", widths.size());
        requireBlocks(config, "up_block_types", "UpDecoderBlock2D", widths.size());
        return new AutoencoderKlConfig(
                config.integer("in_channels", 3),
                config.integer("out_channels", 3),
                config.integer("latent_channels", 4),
                widths,
                config.integer("layers_per_block", 1),
                config.integer("norm_num_groups", 32),
                config.integerPerBlock("sample_size", 2, 32).get(0),
                config.number("scaling_factor", SD_SCALING),
                config.flag("force_upcast", false),
                config.flag("use_quant_conv", true),
                config.flag("use_post_quant_conv", true),
                config.flag("mid_block_add_attention", true));
    }

    private static void requireBlocks(ModuleConfig config, String key, String type, int count) {
        List<String> types = config.texts(key, List.of(type));
        if (types.size() != count || types.stream().anyMatch(other -> !other.equals(type))) {
            throw config.invalid(
                    "'%s' is %s; supported is %s, once for each of %d widths".formatted(key, types, type, count));
        }
    }

    /** Number of levels. */
    public int levels() {
        return widths.size();
    }

    /** Pixels along each side that one latent element stands for. */
    public int factor() {
        return 1 << (levels() - 1);
    }

    int lowestWidth() {
        return widths.get(levels() - 1);
    }
}
