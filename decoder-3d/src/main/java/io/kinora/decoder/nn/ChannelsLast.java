package io.kinora.decoder.nn;

import io.kinora.tensor.Tensor;

/**
 * The memory layout of hidden states: logically {@code [N, C, Y, X]}, in memory {@code [N, Y, X, C]}. The conversions between images,
 * tokens and frames as time are then views; on a tensor in another layout they give the same values by a copy.
 */
public final class ChannelsLast {
    private ChannelsLast() {}

    /** The same image {@code [N, C, Y, X]} over channels-last memory. */
    public static Tensor of(Tensor image) {
        return image.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
    }

    /** {@code [N, C, Y, X]} to {@code [N, Y·X, C]}. */
    public static Tensor tokens(Tensor image) {
        return image.permute(0, 2, 3, 1).reshape(image.dim(0), image.dim(2) * image.dim(3), image.dim(1));
    }

    /** {@code [N, Y·X, C]} to {@code [N, C, Y, X]}. */
    public static Tensor image(Tensor tokens, long height, long width) {
        return tokens.reshape(tokens.dim(0), height, width, tokens.dim(-1)).permute(0, 3, 1, 2);
    }

    /** Frames as batch {@code [B·F, C, Y, X]} to frames as time {@code [B, C, F, Y, X]}. */
    public static Tensor video(Tensor image, long frames) {
        return image.reshape(image.dim(0) / frames, frames, image.dim(1), image.dim(2), image.dim(3))
                .permute(0, 2, 1, 3, 4);
    }

    /** Frames as time {@code [B, C, F, Y, X]} to frames as batch {@code [B·F, C, Y, X]}. */
    public static Tensor images(Tensor video) {
        return video.permute(0, 2, 1, 3, 4)
                .reshape(video.dim(0) * video.dim(2), video.dim(1), video.dim(3), video.dim(4));
    }
}
