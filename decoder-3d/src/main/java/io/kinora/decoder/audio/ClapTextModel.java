package io.kinora.decoder.audio;

import io.kinora.decoder.nn.LayerNorm;
import io.kinora.decoder.nn.Linear;
import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.AttentionMask;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/**
 * CLAP's text encoder: RoBERTa, pooled at its first token, and a projection into the space that texts and sounds share.
 *
 * <p>Source: Wu et al. 2022, arXiv:2211.06687; Liu et al. 2019, arXiv:1907.11692; official class transformers
 * {@code ClapTextModelWithProjection}, whose tensor names it reads. Thread-safe.
 */
public final class ClapTextModel {
    /** What is added to the score of a token that is not to be seen: as the official class, finite, so that a row of them is no NaN. */
    private static final float HIDDEN = -Float.MAX_VALUE;

    private final ClapTextConfig config;
    private final Engine engine;
    private final Tensor wordEmbeddings; // [V, D]
    private final Tensor positionEmbeddings; // [P, D]
    private final Tensor tokenTypeEmbeddings; // [types, D]
    private final LayerNorm layerNorm;
    private final List<ClapTextLayer> layers;
    private final Linear pooler; // D -> D
    private final Linear linear1; // D -> E
    private final Linear linear2; // E -> E

    /** Takes the encoder. */
    public ClapTextModel(ClapTextConfig config, Weights weights) {
        int width = config.width();
        int embedding = config.projectionWidth();
        Weights embeddings = weights.at("text_model.embeddings");
        this.config = config;
        this.engine = weights.engine();
        this.wordEmbeddings = embeddings.at("word_embeddings").take("weight", config.vocabulary(), width);
        this.positionEmbeddings = embeddings.at("position_embeddings").take("weight", config.positions(), width);
        this.tokenTypeEmbeddings = embeddings.at("token_type_embeddings").take("weight", config.tokenTypes(), width);
        this.layerNorm = new LayerNorm(embeddings.at("LayerNorm"), width, config.eps());
        embeddings.ignore("position_ids");
        embeddings.ignore("token_type_ids");
        this.layers = IntStream.range(0, config.layers())
                .mapToObj(i -> new ClapTextLayer(weights.at("text_model.encoder.layer." + i), config))
                .toList();
        this.pooler = Linear.of(weights.at("text_model.pooler.dense"), width, width);
        this.linear1 = Linear.of(weights.at("text_projection.linear1"), width, embedding);
        this.linear2 = Linear.of(weights.at("text_projection.linear2"), embedding, embedding);
    }

    /** Its sizes. */
    public ClapTextConfig config() {
        return config;
    }

    /**
     * Embeds token ids {@code [B, T]}, {@link DType#I64}: {@code [B, E]}, not normalised.
     *
     * @param mask {@code [B, T]} of any type, 0 where a token is not to be seen
     * @throws ShapeException if there are no tokens or more than there are positions, or the mask has another shape
     */
    public Tensor forward(Tensor ids, Tensor mask) {
        if (ids.rank() != 2 || ids.shape().elements() == 0 || ids.dim(1) > config.longestText()) {
            throw new ShapeException(
                    "token ids are [B, T] with T from 1 to %d, got %s".formatted(config.longestText(), ids.shape()));
        }
        if (!mask.shape().equals(ids.shape())) {
            throw new ShapeException("the mask of tokens %s is %s".formatted(ids.shape(), mask.shape()));
        }
        try (Scope scope = engine.scope()) {
            Tensor x = layerNorm.forward(engine.gather(wordEmbeddings, ids)
                    .add(tokenTypeEmbeddings.select(0, 0))
                    .add(engine.gather(positionEmbeddings, positions(ids)))); // [B, T, D]
            AttentionMask seen = seen(mask, x.dtype());
            for (ClapTextLayer layer : layers) {
                x = layer.forward(x, seen);
            }
            Tensor pooled = pooler.forward(x.select(1, 0)).tanh(); // [B, D]
            Tensor projected = config.projectionActivation().apply(linear1.forward(pooled));
            return scope.keep(linear2.forward(projected)); // [B, E]
        }
    }

    /** Embeddings {@code [B, E]} brought to length 1, as the U-Net takes them; those of length 0 stay. */
    public static Tensor normalized(Tensor embeddings) {
        try (Scope scope = embeddings.engine().scope()) {
            Tensor wide = embeddings.to(DType.F32);
            Tensor length = wide.mul(wide).sum(-1).sqrt().clamp(1e-12, Float.MAX_VALUE);
            return scope.keep(wide.div(length.unsqueeze(-1)).to(embeddings.dtype()));
        }
    }

    /** Tokens that are no padding are counted from behind padding's own position, which padding keeps. */
    private Tensor positions(Tensor ids) {
        long[] values = ids.toLongs();
        int length = Math.toIntExact(ids.dim(1));
        for (int row = 0; row < values.length; row += length) {
            int count = 0;
            for (int i = row; i < row + length; i++) {
                boolean token = values[i] != config.padId();
                count += token ? 1 : 0;
                values[i] = token ? config.padId() + count : config.padId();
            }
        }
        return engine.of(values, ids.dim(0), ids.dim(1));
    }

    private AttentionMask seen(Tensor mask, DType dtype) {
        float[] scores = mask.to(DType.F32).toFloats();
        boolean all = true;
        for (int i = 0; i < scores.length; i++) {
            all &= scores[i] != 0;
            scores[i] = scores[i] == 0 ? HIDDEN : 0;
        }
        if (all) {
            return AttentionMask.NONE;
        }
        Tensor rows = engine.of(scores, mask.dim(0), 1, 1, mask.dim(1)).expand(-1, -1, mask.dim(1), -1); // [B, 1, T, T]
        return new AttentionMask.Bias(rows.to(dtype));
    }
}
