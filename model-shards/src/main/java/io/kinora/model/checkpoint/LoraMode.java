package io.kinora.model.checkpoint;

/** Where the product of a low-rank adapter is computed. */
public enum LoraMode {
    /** Once, at load: B A is added to the matrix. No cost at a step; every adapted matrix is copied. */
    MERGED,
    /** At every step, beside the matrix: the matrix stays mapped from its file, and may be in fewer bits. */
    APART
}
