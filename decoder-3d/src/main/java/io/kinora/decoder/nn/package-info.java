/**
 * Layers that the diffusion networks share, one class per layer, named as the released checkpoints name them.
 *
 * <p>Letters in the shapes: B samples, F frames, N = B·F images (the frames of a sample stand next to each other), C channels in,
 * O channels out, Y and X height and width, P = Y·X pixels of a frame, T tokens, S tokens attended to, D width of the conditioning,
 * H heads, d head width.
 *
 * <p>Hidden states are {@code [N, C, Y, X]} over channels-last memory. In that layout frames as batch {@code [N, C, Y, X]}, frames as
 * time {@code [B, C, F, Y, X]} and tokens {@code [N, P, C]} are views of one another.
 */
package io.kinora.decoder.nn;
