package io.kinora.model.emu2;

import io.kinora.model.llm.LlamaStage;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Makes the rows that the language model reads: token embeddings, with the embeddings of pictures and frames in the places that
 * {@code <image>} and {@code [gIMG]} hold for them, in reading order.
 *
 * <p>Letters: T tokens, n embeddings of a picture, W width of the encoder, D width of the language model. Thread-safe.
 */
public final class Emu2Embedder {
    private final Emu2Config config;
    private final LlamaStage stage;
    private final Emu2Projections projections;

    /** Over the stage that holds the embedding table. */
    public Emu2Embedder(Emu2Config config, LlamaStage stage, Emu2Projections projections) {
        this.config = config;
        this.stage = stage;
        this.projections = projections;
    }

    /**
     * Embeds a prompt.
     *
     * @param ids tokens, with a placeholder for each embedding
     * @param images embeddings {@code [n_query, W]} of each still image
     * @param frames embeddings {@code [v_query, W]} of each video frame
     * @return {@code [T, D]}
     * @throws IllegalArgumentException if the placeholders are not as many as the embeddings; the message gives both counts
     */
    public Tensor embed(int[] ids, List<Tensor> images, List<Tensor> frames) {
        Engine engine = stage.engine();
        try (Scope scope = engine.scope()) {
            long[] tokens = Arrays.stream(ids).asLongStream().toArray();
            Tensor rows = stage.embed(engine.of(tokens, tokens.length)); // (T, D)
            rows = splice(rows, ids, config.imageToken(), images, config.imageEmbeddings(), "<image>");
            rows = splice(rows, ids, config.frameToken(), frames, config.frameEmbeddings(), "[gIMG]");
            return scope.keep(rows);
        }
    }

    private Tensor splice(Tensor rows, int[] ids, int token, List<Tensor> pictures, int each, String name) {
        long[] places = IntStream.range(0, ids.length)
                .filter(i -> ids[i] == token)
                .asLongStream()
                .toArray();
        if (places.length != (long) pictures.size() * each) {
            throw new IllegalArgumentException("the prompt holds %d places %s for %d pictures of %d embeddings"
                    .formatted(places.length, name, pictures.size(), each));
        }
        if (places.length == 0) {
            return rows;
        }
        for (Tensor picture : pictures) {
            if (picture.rank() != 2
                    || picture.dim(0) != each
                    || picture.dim(1) != config.vision().width()) {
                throw new ShapeException("embeddings of a picture are [%d, %d], got %s"
                        .formatted(each, config.vision().width(), picture.shape()));
            }
        }
        Engine engine = rows.engine();
        Tensor seen = engine.cat(pictures.stream().map(engine::adopt).toList(), 0); // (N·n, W)
        return engine.scatterRows(rows, engine.of(places, places.length), projections.up(seen));
    }
}
