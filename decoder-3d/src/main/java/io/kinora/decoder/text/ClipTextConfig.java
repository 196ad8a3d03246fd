package io.kinora.decoder.text;

import io.kinora.decoder.nn.ModuleConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * Sizes of a {@link ClipTextModel}, as its {@code config.json} gives them.
 *
 * @param vocabulary number of token ids
 * @param width width of a hidden state
 * @param mlpWidth width inside the feed-forward part
 * @param layers transformer layers
 * @param heads attention heads
 * @param positions longest text in tokens
 * @param activation between the feed-forward layers
 * @param eps added to the variance in the norms
 * @param endOfText id of the token at which the text is pooled; 2, a historic error, stands for the largest id in the text
 * @param projectionWidth width of the projected pooled text; empty if there is no projection
 */
public record ClipTextConfig(
        int vocabulary,
        int width,
        int mlpWidth,
        int layers,
        int heads,
        int positions,
        Activation activation,
        double eps,
        int endOfText,
        OptionalInt projectionWidth) {
    /** Activation between the feed-forward layers. */
    public enum Activation {
        /** Exact GELU (OpenCLIP). */
        GELU,
        /** x · sigmoid(1.702 x) (OpenAI's CLIP). */
        QUICK_GELU
    }

    /** Checks that the heads divide the width. */
    public ClipTextConfig {
        if (heads < 1 || width % heads != 0 || layers < 1) {
            throw new IllegalArgumentException(
                    "a width of %d does not divide into %d heads, or there are no layers (%d)"
                            .formatted(width, heads, layers));
        }
    }

    /** Reads {@code config.json} in a folder. */
    public static ClipTextConfig read(Path folder) {
        return of(ModuleConfig.read(folder));
    }

    /** Reads a configuration; absent keys have the official class's defaults. */
    public static ClipTextConfig of(ModuleConfig config) {
        config.require("hidden_act", "gelu", "quick_gelu");
        boolean projected = config.text("_class_name")
                .or(() -> config.texts("architectures", List.of("CLIPTextModel")).stream()
                        .findFirst())
                .filter("CLIPTextModelWithProjection"::equals)
                .isPresent();
        return new ClipTextConfig(
                config.integer("vocab_size", 49408),
                config.integer("hidden_size", 512),
                config.integer("intermediate_size", 2048),
                config.integer("num_hidden_layers", 12),
                config.integer("num_attention_heads", 8),
                config.integer("max_position_embeddings", 77),
                config.text("hidden_act").orElse("quick_gelu").equals("gelu") ? Activation.GELU : Activation.QUICK_GELU,
                config.number("layer_norm_eps", 1e-5),
                config.integer("eos_token_id", 49407),
                projected ? OptionalInt.of(config.integer("projection_dim", 512)) : OptionalInt.empty());
    }
}
