package io.kinora.model.llm;

import io.kinora.model.checkpoint.Weights;
import io.kinora.model.nn.LinearLayer;
import io.kinora.model.nn.RmsNorm;
import io.kinora.tensor.AttentionMask;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Scope;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Consecutive layers of a LLaMA decoder with their key/value cache; the first stage of a model also embeds tokens, the last one also
 * normalises and predicts. Stages in a row compute what one stage with all layers computes.
 *
 * <p>Names of its tensors: {@code model.embed_tokens}, {@code model.layers.N.{input_layernorm, self_attn.{q,k,v,o}_proj,
 * post_attention_layernorm, mlp.{gate,up,down}_proj}}, {@code model.norm}, {@code lm_head}. Letters: N packed rows, D width, V
 * vocabulary. Confined to one thread, as its cache is.
 */
public final class LlamaStage implements AutoCloseable {
    private final LlamaConfig config;
    private final StageParts parts;
    private final Engine engine;
    private final Optional<Tensor> embedTokens; // (V, D)
    private final List<LlamaLayer> layers;
    private final Optional<RmsNorm> norm;
    private final Optional<LinearLayer> lmHead; // (V, D)
    private final RotaryTable rotary;
    private final KvCache cache;

    /**
     * Takes the tensors of the stage.
     *
     * @param weights the view that {@code model} and {@code lm_head} stand under
     * @param quantization how the matrices of the layers are stored; embedding table and head stay as they are
     * @param cacheBytes budget of the key/value cache
     */
    public LlamaStage(
            Weights weights,
            LlamaConfig config,
            StageParts parts,
            Optional<Quantization> quantization,
            long cacheBytes) {
        this.config = config;
        this.parts = parts;
        this.engine = weights.engine();
        Weights model = weights.at("model");
        int V = config.vocabSize();
        int D = config.hiddenSize();
        boolean tiedHead = parts.head() && config.tiedEmbeddings();
        Optional<Tensor> table = parts.embedding() || tiedHead
                ? Optional.of(model.at("embed_tokens").take("weight", V, D))
                : Optional.empty();
        this.embedTokens = parts.embedding() ? table : Optional.empty();
        List<LlamaLayer> taken = new ArrayList<>();
        parts.layers().indices().forEach(i -> taken.add(new LlamaLayer(model.at("layers." + i), config, quantization)));
        this.layers = List.copyOf(taken);
        this.norm =
                parts.head() ? Optional.of(new RmsNorm(model.at("norm"), D, config.rmsNormEps())) : Optional.empty();
        this.lmHead = parts.head() ? Optional.of(head(weights, table, tiedHead)) : Optional.empty();
        leaveToOtherStages(weights);
        DType dtype = dtype();
        this.rotary = new RotaryTable(engine, config, dtype);
        this.cache = new KvCache(engine, KvCacheLayout.of(config, parts.layers().size(), dtype), cacheBytes);
    }

    private LinearLayer head(Weights weights, Optional<Tensor> table, boolean tied) {
        return tied
                ? LinearLayer.of(table.orElseThrow(), Optional.empty())
                : LinearLayer.withoutBias(
                        weights.at("lm_head"), config.hiddenSize(), config.vocabSize(), Optional.empty());
    }

    /** What the checkpoint holds of this model and this stage does not need. */
    private void leaveToOtherStages(Weights weights) {
        Weights model = weights.at("model");
        for (int i = 0; i < config.layers(); i++) {
            if (i < parts.layers().from() || i >= parts.layers().to()) {
                model.at("layers." + i).ignore("");
            }
        }
        if (!parts.embedding()) {
            model.ignore("embed_tokens.");
        }
        if (!parts.head()) {
            model.ignore("norm.");
        }
        if (!parts.head() || config.tiedEmbeddings()) {
            weights.ignore("lm_head.");
        }
    }

    /** Sizes of the model it is a stage of. */
    public LlamaConfig config() {
        return config;
    }

    /** What it holds. */
    public StageParts parts() {
        return parts;
    }

    /** Type of its activations and of its cache. */
    public DType dtype() {
        return layers.get(0).dtype();
    }

    /** The engine it computes on. */
    public Engine engine() {
        return engine;
    }

    /** Keys and values of its layers. */
    public KvCache cache() {
        return cache;
    }

    /**
     * Embeds tokens: {@link DType#I64} {@code [N]} to {@code [N, D]}.
     *
     * @throws IllegalStateException if this stage holds no embedding table
     */
    public Tensor embed(Tensor ids) {
        Tensor table =
                embedTokens.orElseThrow(() -> new IllegalStateException("stage %s embeds no tokens".formatted(parts)));
        return engine.gather(table, ids);
    }

    /**
     * Runs its layers on packed rows {@code [N, D]} and extends the cache by them. The last stage also applies the final norm.
     *
     * <p>If this throws, the sequences of the batch end where its segments start.
     *
     * @throws ShapeException if the rows are not those of the batch
     * @throws ContextLengthException if a sequence would become longer than the model knows positions
     * @throws PrefixMissingException if a segment goes on from a position that the cache does not hold
     * @throws KvCacheFullException if the cache has no room for the rows
     */
    public Tensor forward(StageBatch batch, Tensor rows) {
        return forward(batch, rows, batch.positions());
    }

    /**
     * {@link #forward(StageBatch, Tensor)} with the rotary positions of the rows given, where they are not those at which the rows stand
     * in their sequences.
     */
    public Tensor forward(StageBatch batch, Tensor rows, long... positions) { // (N, D) -> (N, D)
        requireFits(batch, rows);
        requireKnown(batch, positions);
        try (Scope scope = engine.scope()) {
            RotaryTable.Angles angles = rotary.at(engine.of(positions, batch.rows()));
            CachedBatch cached = cache.reserve(batch);
            Tensor x = rows;
            for (int layer = 0; layer < layers.size(); layer++) {
                Tensor next = layers.get(layer).forward(x, angles, cached, layer);
                if (layer > 0) {
                    x.close();
                }
                x = next;
            }
            return scope.keep(norm.isPresent() ? norm.get().forward(x) : x);
        } catch (PrefixMissingException | KvCacheFullException e) {
            throw e;
        } catch (RuntimeException e) {
            cache.rollBack(batch);
            throw e;
        }
    }

    /**
     * Runs its layers on whole sequences {@code [B, T, D]} without the cache, as training does; the last stage also applies the final norm.
     * With positions in a row and a causal mask it computes what {@link #forward(StageBatch, Tensor)} computes.
     *
     * @param positions place of each row in its sequence, {@link DType#I64} {@code [B, T]}
     * @param mask which rows a row attends to
     */
    public Tensor forward(Tensor rows, Tensor positions, AttentionMask mask) { // (B, T, D) -> (B, T, D)
        try (Scope scope = engine.scope()) {
            RotaryTable.Angles angles = rotary.at(positions); // (B, T, d/2)
            Tensor x = rows;
            for (LlamaLayer layer : layers) {
                x = layer.forward(x, angles, mask);
            }
            return scope.keep(norm.isPresent() ? norm.get().forward(x) : x);
        }
    }

    /**
     * Scores of every token of the vocabulary as the next one: rows {@code [N, D]} out of the last stage's {@link #forward} to
     * {@link DType#F32} {@code [N, V]}.
     *
     * @throws IllegalStateException if this stage holds no head
     */
    public Tensor logits(Tensor rows) {
        LinearLayer head = lmHead.orElseThrow(() -> new IllegalStateException("stage %s has no head".formatted(parts)));
        try (Scope scope = engine.scope()) {
            return scope.keep(head.forward(rows).to(DType.F32));
        }
    }

    private void requireFits(StageBatch batch, Tensor rows) {
        if (rows.rank() != 2 || rows.dim(0) != batch.rows() || rows.dim(1) != config.hiddenSize()) {
            throw new ShapeException("a batch of %d rows takes [%d, %d], got %s"
                    .formatted(batch.rows(), batch.rows(), config.hiddenSize(), rows.shape()));
        }
        for (StageBatch.Segment segment : batch.segments()) {
            if (segment.end() > config.maxPositions()) {
                throw new ContextLengthException(segment.end(), config.maxPositions());
            }
        }
    }

    private void requireKnown(StageBatch batch, long... positions) {
        if (positions.length != batch.rows()) {
            throw new ShapeException("%d rows have a position each, got %d".formatted(batch.rows(), positions.length));
        }
        for (long position : positions) {
            if (position < 0 || position >= config.maxPositions()) {
                throw new ContextLengthException(
                        (int) Math.min(Integer.MAX_VALUE, position + 1), config.maxPositions());
            }
        }
    }

    @Override
    public void close() {
        layers.forEach(LlamaLayer::close);
        lmHead.ifPresent(LinearLayer::close);
        rotary.close();
        cache.close();
    }
}
