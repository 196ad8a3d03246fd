package io.kinora.decoder.text;

import io.kinora.decoder.nn.LayerNorm;
import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * The text encoder of CLIP: token and position embeddings, causal transformer layers, a final norm, and in some a projection.
 *
 * <p>Padding is not masked: the pipelines attend to it. Official classes: transformers {@code CLIPTextModel} and
 * {@code CLIPTextModelWithProjection}. Reads Hugging Face's names, with and without the prefix {@code text_model}, and OpenCLIP's own. Of
 * an OpenCLIP checkpoint with more layers than the configuration has, the surplus is ignored. Thread-safe.
 */
public final class ClipTextModel {
    private static final int HISTORIC_END_OF_TEXT = 2;

    private final ClipTextConfig config;
    private final Engine engine;
    private final Tensor tokenEmbedding; // [V, D]
    private final Tensor positionEmbedding; // [T, D]
    private final List<ClipEncoderLayer> layers;
    private final LayerNorm finalLayerNorm;
    private final Optional<UnaryOperator<Tensor>> textProjection; // [B, D] -> [B, P]

    /** Takes the encoder. */
    public ClipTextModel(ClipTextConfig config, Weights weights) {
        this.config = config;
        this.engine = weights.engine();
        ClipNames names = ClipNames.of(weights);
        if (names == ClipNames.OPEN_CLIP) {
            this.tokenEmbedding = weights.at("token_embedding").take("weight", config.vocabulary(), config.width());
            this.positionEmbedding = weights.take("positional_embedding", config.positions(), config.width());
            this.layers = layers(weights.at("transformer.resblocks"), config, names);
            this.finalLayerNorm = new LayerNorm(weights.at("ln_final"), config.width(), config.eps());
            ignoreRestOfOpenClip(weights, config);
        } else {
            Weights model = weights.has("text_model.final_layer_norm.weight") ? weights.at("text_model") : weights;
            Weights embeddings = model.at("embeddings");
            this.tokenEmbedding = embeddings.at("token_embedding").take("weight", config.vocabulary(), config.width());
            this.positionEmbedding =
                    embeddings.at("position_embedding").take("weight", config.positions(), config.width());
            embeddings.ignore("position_ids");
            this.layers = layers(model.at("encoder.layers"), config, names);
            this.finalLayerNorm = new LayerNorm(model.at("final_layer_norm"), config.width(), config.eps());
        }
        this.textProjection = projection(weights, config, names);
    }

    private static List<ClipEncoderLayer> layers(Weights list, ClipTextConfig config, ClipNames names) {
        return IntStream.range(0, config.layers())
                .mapToObj(i -> new ClipEncoderLayer(list.at(Integer.toString(i)), config, names))
                .toList();
    }

    /** What an OpenCLIP file holds besides the text encoder, and the layers after the last one used. */
    private static void ignoreRestOfOpenClip(Weights weights, ClipTextConfig config) {
        weights.ignore("visual.");
        weights.ignore("logit_scale");
        weights.ignore("attn_mask");
        if (config.projectionWidth().isEmpty()) {
            weights.ignore("text_projection");
        }
        for (int surplus = config.layers();
                weights.has("transformer.resblocks.%d.ln_1.weight".formatted(surplus));
                surplus++) {
            weights.ignore("transformer.resblocks.%d.".formatted(surplus));
        }
    }

    private static Optional<UnaryOperator<Tensor>> projection(Weights weights, ClipTextConfig config, ClipNames names) {
        if (config.projectionWidth().isEmpty()) {
            return Optional.empty();
        }
        int out = config.projectionWidth().getAsInt();
        if (names == ClipNames.OPEN_CLIP) {
            Tensor matrix = weights.take("text_projection", config.width(), out); // stored as x · P
            return Optional.of(x -> x.engine().matmul(x, matrix));
        }
        Tensor weight = weights.at("text_projection").take("weight", out, config.width());
        return Optional.of(x -> x.engine().linear(x, weight, Optional.empty()));
    }

    /** Its sizes. */
    public ClipTextConfig config() {
        return config;
    }

    /**
     * Encodes token ids {@code [B, T]}, {@link DType#I64}, padded as the tokenizer pads.
     *
     * @throws ShapeException if there are no tokens, or more than positions
     */
    public ClipTextOutput forward(Tensor ids) {
        if (ids.rank() != 2 || ids.shape().elements() == 0 || ids.dim(1) > config.positions()) {
            throw new ShapeException(
                    "token ids are [B, T] with T from 1 to %d, got %s".formatted(config.positions(), ids.shape()));
        }
        try (Scope scope = engine.scope()) {
            Tensor x = engine.gather(tokenEmbedding, ids).add(positionEmbedding.slice(0, 0, ids.dim(1))); // [B, T, D]
            Tensor penultimate = x;
            for (ClipEncoderLayer layer : layers) {
                penultimate = x;
                x = layer.forward(x);
            }
            Tensor last = finalLayerNorm.forward(x);
            Tensor pooled =
                    engine.gather(last.reshape(-1, config.width()), engine.of(pooledRows(ids), ids.dim(0))); // [B, D]
            return new ClipTextOutput(
                    scope.keep(last),
                    scope.keep(penultimate),
                    scope.keep(pooled),
                    textProjection.map(projection -> scope.keep(projection.apply(pooled))));
        }
    }

    /** For each text its end-of-text token's row among all tokens. */
    private long[] pooledRows(Tensor ids) {
        long[] values = ids.toLongs();
        int length = (int) ids.dim(1);
        long[] rows = new long[values.length / length];
        for (int b = 0; b < rows.length; b++) {
            rows[b] = (long) b * length + endOfText(values, b * length, length);
        }
        return rows;
    }

    /** As the official code: with the historic id the first position of the largest id, else the first of the id, or 0 without one. */
    private int endOfText(long[] ids, int from, int length) {
        int best = 0;
        for (int i = 1; i < length; i++) {
            long here = ids[from + i];
            boolean better = config.endOfText() == HISTORIC_END_OF_TEXT
                    ? here > ids[from + best]
                    : here == config.endOfText() && ids[from + best] != here;
            best = better ? i : best;
        }
        return best;
    }
}
