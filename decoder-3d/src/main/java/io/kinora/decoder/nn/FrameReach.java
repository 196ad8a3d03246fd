package io.kinora.decoder.nn;

import io.kinora.tensor.Tensor;

/** How far the self-attention of a frame's tokens reaches. */
public enum FrameReach {
    /** Within the frame, as in an image network. */
    OWN_FRAME {
        @Override
        Tensor attend(CrossAttention attention, Tensor tokens, long frames) {
            return attention.forward(tokens);
        }
    },
    /** The first frame, the one before and the own: cost grows with the frames, not with their square. */
    FIRST_PREVIOUS_OWN {
        @Override
        Tensor attend(CrossAttention attention, Tensor tokens, long frames) {
            return frames == 1 ? attention.forward(tokens) : attention.toFirstPreviousAndOwn(tokens, frames);
        }
    },
    /** Every token of every frame. */
    ALL_FRAMES {
        @Override
        Tensor attend(CrossAttention attention, Tensor tokens, long frames) {
            Tensor clip = tokens.reshape(tokens.dim(0) / frames, frames * tokens.dim(1), tokens.dim(2));
            return attention.forward(clip).reshape(tokens.shape().toArray());
        }
    };

    /** Self-attention of {@code [B·F, T, C]}. */
    abstract Tensor attend(CrossAttention attention, Tensor tokens, long frames);
}
