package io.kinora.decoder.unet;

import io.kinora.decoder.nn.Conv2d;
import io.kinora.decoder.nn.ModuleConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Sizes of a {@link UNet2dConditionModel}, as its {@code config.json} gives them.
 *
 * @param inChannels latent channels in
 * @param outChannels latent channels out
 * @param widths channels of each level ({@code block_out_channels})
 * @param layers units of each level on the way down; one more on the way up
 * @param downAttention which down blocks attend, in their order
 * @param upAttention which up blocks attend, in their order: lowest level first
 * @param groups groups of every norm
 * @param eps added to the variance in the ResNets' and the last norm
 * @param heads number of heads of each level: here {@code attention_head_dim} means that, in spite of its name
 * @param depths transformer blocks per attention of each level ({@code transformer_layers_per_block})
 * @param linearProjection whether the transformers' projections are stored as linear layers
 * @param contextWidth width of the conditioning; empty if both attentions are self-attentions (AudioLDM)
 * @param sizeEmbedding what SDXL adds to the time embedding; empty elsewhere
 * @param classWidth width of the class embedding that joins the time embedding (AudioLDM); empty elsewhere
 * @param sampleSize height and width of the latents it was trained on
 */
public record UNet2dConfig(
        int inChannels,
        int outChannels,
        List<Integer> widths,
        List<Integer> layers,
        List<Boolean> downAttention,
        List<Boolean> upAttention,
        int groups,
        double eps,
        List<Integer> heads,
        List<Integer> depths,
        boolean linearProjection,
        OptionalInt contextWidth,
        Optional<SizeEmbedding> sizeEmbedding,
        OptionalInt classWidth,
        int sampleSize) {
    private static final List<String> DOWN_TYPES =
            List.of("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D");
    private static final List<String> UP_TYPES =
            List.of("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D");

    /**
     * Sinusoids of sizes, behind a pooled embedding.
     *
     * @param sinusoidWidth width of each number's sinusoid ({@code addition_time_embed_dim})
     * @param inputWidth width of pooled embedding and sinusoids together ({@code projection_class_embeddings_input_dim})
     */
    public record SizeEmbedding(int sinusoidWidth, int inputWidth) {}

    /** Checks that every list has one entry a level. */
    public UNet2dConfig {
        widths = List.copyOf(widths);
        layers = List.copyOf(layers);
        downAttention = List.copyOf(downAttention);
        upAttention = List.copyOf(upAttention);
        heads = List.copyOf(heads);
        depths = List.copyOf(depths);
        int levels = widths.size();
        if (levels == 0
                || List.of(layers, downAttention, upAttention, heads, depths).stream()
                        .anyMatch(list -> list.size() != levels)) {
            throw new IllegalArgumentException(
                    "a U-Net of %d levels takes as many layers, down and up blocks, heads and depths"
                            .formatted(levels));
        }
    }

    /** Reads {@code config.json} in a folder. */
    public static UNet2dConfig read(Path folder) {
        return of(ModuleConfig.read(folder));
    }

    /** Reads a configuration; absent keys have the official class's defaults. */
    public static UNet2dConfig of(ModuleConfig config) {
        requireSupported(config);
        List<String> down = config.texts("down_block_types", DOWN_TYPES);
        List<String> up = config.texts("up_block_types", UP_TYPES);
        List<Integer> widths = config.integers("block_out_channels", List.of(320, 640, 1280, 1280));
        int levels = widths.size();
        if (levels != down.size() || levels != up.size()) {
            throw config.invalid("%d widths, %d down blocks and %d up blocks: they must be as many"
                    .formatted(levels, down.size(), up.size()));
        }
        String heads = config.has("num_attention_heads") ? "num_attention_heads" : "attention_head_dim";
        boolean classed = config.has("class_embed_type");
        return new UNet2dConfig(
                config.integer("in_channels", 4),
                config.integer("out_channels", 4),
                widths,
                config.integerPerBlock("layers_per_block", levels, 2),
                BlockTypes.attending(config, down, "CrossAttnDownBlock2D", "DownBlock2D"),
                BlockTypes.attending(config, up, "CrossAttnUpBlock2D", "UpBlock2D"),
                config.integer("norm_num_groups", 32),
                config.number("norm_eps", 1e-5),
                config.integerPerBlock(heads, levels, 8),
                config.integerPerBlock("transformer_layers_per_block", levels, 1),
                config.flag("use_linear_projection", false),
                contextWidth(config, widths),
                sizeEmbedding(config),
                classed
                        ? OptionalInt.of(config.integer("projection_class_embeddings_input_dim", 0))
                        : OptionalInt.empty(),
                config.integer("sample_size", 64));
    }

    private static void requireSupported(ModuleConfig config) {
        config.require("act_fn", "silu", "swish");
        config.require("downsample_padding", 1);
        config.require("mid_block_scale_factor", 1);
        config.require("mid_block_type", "UNetMidBlock2DCrossAttn");
        config.require("center_input_sample", false);
        config.require("flip_sin_to_cos", true);
        config.require("freq_shift", 0);
        config.require("only_cross_attention", false);
        config.require("mid_block_only_cross_attention", false);
        config.require("dual_cross_attention", false);
        config.require("resnet_time_scale_shift", "default");
        config.require("resnet_skip_time_act", false);
        config.require("resnet_out_scale_factor", 1);
        config.require("time_embedding_type", "positional");
        config.require("conv_in_kernel", 3);
        config.require("conv_out_kernel", 3);
        config.require("attention_type", "default");
        config.require("addition_embed_type", "text_time");
        config.require("class_embed_type", "simple_projection");
        for (String key : List.of(
                "encoder_hid_dim",
                "encoder_hid_dim_type",
                "num_class_embeds",
                "time_embedding_dim",
                "time_embedding_act_fn",
                "timestep_post_act",
                "time_cond_proj_dim",
                "cross_attention_norm",
                "reverse_transformer_layers_per_block")) {
            config.refuse(key, "no released checkpoint that is supported here has it");
        }
        if (config.has("class_embed_type") && !config.flag("class_embeddings_concat", false)) {
            throw config.invalid("a class embedding is supported where it is joined to time (class_embeddings_concat)");
        }
    }

    /** AudioLDM lists its own widths as the conditioning's: its attentions all look at themselves. */
    private static OptionalInt contextWidth(ModuleConfig config, List<Integer> widths) {
        if (config.has("class_embed_type")) {
            List<Integer> listed = config.integerPerBlock("cross_attention_dim", widths.size(), -1);
            if (config.has("cross_attention_dim") && !listed.equals(widths)) {
                throw config.invalid("cross_attention_dim is %s; with a class embedding it is that of the levels, %s"
                        .formatted(listed, widths));
            }
            return OptionalInt.empty();
        }
        return OptionalInt.of(config.integer("cross_attention_dim", 1280));
    }

    private static Optional<SizeEmbedding> sizeEmbedding(ModuleConfig config) {
        if (!config.has("addition_embed_type")) {
            return Optional.empty();
        }
        for (String key : List.of("addition_time_embed_dim", "projection_class_embeddings_input_dim")) {
            if (!config.has(key)) {
                throw config.invalid("addition_embed_type text_time needs '%s'".formatted(key));
            }
        }
        return Optional.of(new SizeEmbedding(
                config.integer("addition_time_embed_dim", 0),
                config.integer("projection_class_embeddings_input_dim", 0)));
    }

    /** Number of levels. */
    public int levels() {
        return widths.size();
    }

    /** What a U-Net has in common with others; the shift's input is time, joined by the class embedding where there is one. */
    UNetLayout layout(Conv2d.Inflation inflation) {
        int time = 4 * widths.get(0);
        return new UNetLayout(
                inChannels,
                outChannels,
                widths,
                layers,
                downAttention,
                BlockTypes.byLevel(upAttention),
                groups,
                eps,
                classWidth.isPresent() ? 2 * time : time,
                inflation);
    }
}
