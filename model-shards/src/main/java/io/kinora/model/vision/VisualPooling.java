package io.kinora.model.vision;

import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;

/**
 * Reduces the patches of an image to a smaller square of embeddings by averaging over square windows; the class token is dropped.
 *
 * <p>Letters: N images, P = G·G patches, n embeddings, D width. Immutable and thread-safe.
 */
public final class VisualPooling {
    private final int grid;
    private final int window;
    private final int embeddings;

    /**
     * From a grid of {@code grid × grid} patches to {@code embeddings} embeddings.
     *
     * <p>Windows do not overlap and are as large as fit; what is left of the grid at the right and below is not seen, as in the official
     * code.
     *
     * @throws CheckpointException if these are not a square that so many windows make
     */
    public VisualPooling(int grid, int embeddings) {
        int side = (int) Math.round(Math.sqrt(embeddings));
        if (embeddings < 1 || side * side != embeddings || side > grid || grid / (grid / side) != side) {
            throw new CheckpointException(
                    "cannot pool %d×%d patches to %d embeddings: need a square of windows that fit"
                            .formatted(grid, grid, embeddings));
        }
        this.grid = grid;
        this.window = grid / side;
        this.embeddings = embeddings;
    }

    /** Embeddings of one image. */
    public int embeddings() {
        return embeddings;
    }

    /** Tokens {@code [N, 1 + P, D]}, class token first, to embeddings {@code [N, n, D]} in row-major order. */
    public Tensor forward(Tensor tokens) {
        try (Scope scope = tokens.engine().scope()) {
            long N = tokens.dim(0);
            long D = tokens.dim(2);
            Tensor plane = tokens.slice(1, 1, tokens.dim(1)) // (N, P, D)
                    .transpose(1, 2)
                    .reshape(N, D, grid, grid);
            Tensor pooled = tokens.engine().avgPool2d(plane, window); // (N, D, n', n')
            return scope.keep(pooled.reshape(N, D, embeddings).transpose(1, 2).contiguous()); // (N, n, D)
        }
    }
}
