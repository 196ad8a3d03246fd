package io.kinora.decoder.audio;

import io.kinora.decoder.nn.ModuleConfig;
import java.nio.file.Path;

/**
 * Sizes of a {@link ClapTextModel}, as its {@code config.json} gives them.
 *
 * @param vocabulary number of token ids
 * @param width width of a hidden state
 * @param mlpWidth width inside the feed-forward part
 * @param layers transformer layers
 * @param heads attention heads
 * @param positions rows of the position table; the first {@code padId + 1} stand for no token but padding
 * @param tokenTypes rows of the table of token types, of which the first is used
 * @param padId id of padding
 * @param activation between the feed-forward layers
 * @param eps added to the variance in the norms
 * @param projectionWidth width of a text's embedding
 * @param projectionActivation between the two layers of the projection
 */
public record ClapTextConfig(
        int vocabulary,
        int width,
        int mlpWidth,
        int layers,
        int heads,
        int positions,
        int tokenTypes,
        int padId,
        Activation activation,
        double eps,
        int projectionWidth,
        Activation projectionActivation) {
    /** Checks that the heads divide the width, and that there is a position for a token. */
    public ClapTextConfig {
        if (heads < 1 || width % heads != 0 || layers < 1) {
            throw new IllegalArgumentException(
                    "a width of %d does not divide into %d heads, or there are no layers (%d)"
                            .formatted(width, heads, layers));
        }
        if (padId < 0 || positions < padId + 2 || tokenTypes < 1) {
            throw new IllegalArgumentException("%d positions with padding %d and %d token types leave none for a token"
                    .formatted(positions, padId, tokenTypes));
        }
    }

    /** Reads {@code config.json} in a folder. */
    public static ClapTextConfig read(Path folder) {
        return of(ModuleConfig.read(folder));
    }

    /** Reads a configuration; absent keys have the official class's defaults. */
    public static ClapTextConfig of(ModuleConfig config) {
        config.require("position_embedding_type", "absolute");
        config.require("is_decoder", false);
        return new ClapTextConfig(
                config.integer("vocab_size", 50265),
                config.integer("hidden_size", 768),
                config.integer("intermediate_size", 3072),
                config.integer("num_hidden_layers", 12),
                config.integer("num_attention_heads", 12),
                config.integer("max_position_embeddings", 514),
                config.integer("type_vocab_size", 1),
                config.integer("pad_token_id", 1),
                Activation.of(config, "hidden_act", Activation.GELU),
                config.number("layer_norm_eps", 1e-12),
                config.integer("projection_dim", 512),
                Activation.of(config, "projection_hidden_act", Activation.RELU));
    }

    /** The longest text in tokens: positions are counted from behind padding's. */
    public int longestText() {
        return positions - padId - 1;
    }
}
