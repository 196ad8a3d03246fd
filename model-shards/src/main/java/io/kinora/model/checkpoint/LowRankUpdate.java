package io.kinora.model.checkpoint;

import io.kinora.tensor.Tensor;

/**
 * What an adapter adds to a matrix (Hu et al., 2021, arXiv:2106.09685): W x becomes W x + scale · B (A x).
 *
 * <p>Letters: r rank, C channels in, O channels out.
 *
 * @param down A {@code [r, C]}
 * @param up B {@code [O, r]}
 * @param scale alpha / r, or what the adapter was trained with instead
 */
public record LowRankUpdate(Tensor down, Tensor up, double scale) {}
