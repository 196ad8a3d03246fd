package io.kinora.training.model;

import io.kinora.model.checkpoint.Weights;
import io.kinora.model.emu2.Emu2Config;
import io.kinora.model.emu2.Emu2Model;
import io.kinora.model.emu2.Emu2Options;
import io.kinora.model.emu2.Emu2Projections;
import io.kinora.model.emu2.Emu2Vision;
import io.kinora.model.llm.LlamaStage;
import io.kinora.model.shard.LayerRange;
import io.kinora.tensor.AttentionMask;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.Optional;

/**
 * An Emu2 as training runs it: the layers that serve, over whole batches of sequences.
 *
 * <p>Letters: N pictures, B sequences, T rows of a sequence, n embeddings of a picture, W width of the encoder, D width of the language
 * model. Confined to one thread.
 */
public final class Emu2Learner implements AutoCloseable {
    // Sequences are computed whole, so the key/value cache stays empty.
    private static final long NO_CACHE = 1L << 20;
    private static final int IMAGES_AT_ONCE = 1024;

    private final Emu2Config config;
    private final Engine engine;
    private final Emu2Vision vision;
    private final Emu2Projections projections;
    private final LlamaStage language;

    /** Takes all tensors, under the native names. */
    public Emu2Learner(Weights weights, Emu2Config config) {
        this.config = config;
        this.engine = weights.engine();
        Emu2Options options =
                new Emu2Options(Optional.empty(), Optional.empty(), Optional.empty(), false, NO_CACHE, IMAGES_AT_ONCE);
        this.vision = new Emu2Vision(weights, config, options);
        this.projections = new Emu2Projections(weights, config);
        this.language = Emu2Model.stage(
                weights, config, options, LayerRange.all(config.language().layers()));
    }

    /** Its sizes. */
    public Emu2Config config() {
        return config;
    }

    /** Where it computes. */
    public Engine engine() {
        return engine;
    }

    /** 8-bit frames {@code [N, size, size, 3]} to the embeddings {@code [N, v_query, W]} that questions are about. */
    public Tensor see(Tensor rgb) {
        try (Scope scope = engine.scope()) {
            return scope.keep(vision.encodeFrames(vision.normalize(rgb)));
        }
    }

    /** 8-bit pictures {@code [N, size, size, 3]} to the embeddings {@code [N, n_query, W]} that are imagined, and decoded. */
    public Tensor picture(Tensor rgb) {
        try (Scope scope = engine.scope()) {
            return scope.keep(vision.encodeImages(vision.normalize(rgb)));
        }
    }

    /** 8-bit frames {@code [N, size, size, 3]} to the encoder's tokens {@code [N, 1 + P, W]}, before they are pooled. */
    public Tensor patches(Tensor rgb) {
        try (Scope scope = engine.scope()) {
            return scope.keep(vision.encoder().forward(vision.normalize(rgb)));
        }
    }

    /**
     * Rows of the language model behind its final norm.
     *
     * @param sequences ids, places and mask
     * @param embeddings {@code [K, W]}, one for each of the sequences' places
     * @return {@code [B·T, D]}
     */
    public Tensor read(Sequences sequences, Tensor embeddings) {
        try (Scope scope = engine.scope()) {
            int B = sequences.count();
            int T = sequences.length();
            Tensor rows = language.embed(engine.of(sequences.ids(), (long) B * T)); // (B·T, D)
            long[] places = sequences.places();
            if (places.length > 0) {
                rows = engine.scatterRows(rows, engine.of(places, places.length), projections.up(embeddings));
            }
            Tensor read = language.forward(
                    rows.reshape(B, T, -1),
                    engine.of(sequences.positions(), B, T),
                    new AttentionMask.Bias(engine.of(sequences.mask(), B, 1, T, T)));
            return scope.keep(read.reshape((long) B * T, -1));
        }
    }

    /** Scores of the vocabulary behind rows {@code [K, D]}, F32 {@code [K, V]}. */
    public Tensor logits(Tensor rows) {
        return language.logits(rows);
    }

    /** The embeddings that rows {@code [K, D]} predict, {@code [K, W]}. */
    public Tensor regress(Tensor rows) {
        return projections.down(rows);
    }

    @Override
    public void close() {
        language.close();
        projections.close();
        vision.close();
    }
}
