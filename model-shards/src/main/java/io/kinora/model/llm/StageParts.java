package io.kinora.model.llm;

import io.kinora.model.shard.LayerRange;

/**
 * What one stage of a language model holds.
 *
 * @param layers its layers, at least one
 * @param embedding true if it holds the embedding table: the first stage, or a model in one piece
 * @param head true if it holds the final norm and the head: the last stage, or a model in one piece
 */
public record StageParts(LayerRange layers, boolean embedding, boolean head) {
    /** Checks that there is a layer. */
    public StageParts {
        if (layers.size() == 0) {
            throw new IllegalArgumentException("a stage of the language model has at least one layer");
        }
    }

    /** A whole model of that many layers. */
    public static StageParts whole(int layers) {
        return new StageParts(LayerRange.all(layers), true, true);
    }

    /** A range of a model of that many layers, with the embedding at its front and the head at its end. */
    public static StageParts of(LayerRange range, int layers) {
        return new StageParts(range, range.from() == 0, range.to() == layers);
    }
}
