package io.kinora.decoder.pipeline;

import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;

/** How a network wants its latents: a clip's frames as an axis of one sample, or every still a sample of its own. */
enum LatentAxes {
    /** {@code [1, C, F, Y, X]}. */
    CLIP {
        @Override
        Shape shape(int channels, int frames, FrameSize size) {
            return Shape.of(1, channels, frames, size.latentHeight(), size.latentWidth());
        }

        @Override
        Tensor rows(Tensor latents) {
            return latents.permute(0, 2, 1, 3, 4)
                    .reshape(latents.dim(2), latents.dim(1), latents.dim(3), latents.dim(4));
        }

        @Override
        Tensor fromRows(Tensor rows) {
            return rows.unsqueeze(0).permute(0, 2, 1, 3, 4);
        }

        @Override
        int samples(int frames) {
            return 1;
        }
    },
    /** {@code [N, C, Y, X]}. */
    STILLS {
        @Override
        Shape shape(int channels, int frames, FrameSize size) {
            return Shape.of(frames, channels, size.latentHeight(), size.latentWidth());
        }

        @Override
        Tensor rows(Tensor latents) {
            return latents;
        }

        @Override
        Tensor fromRows(Tensor rows) {
            return rows;
        }

        @Override
        int samples(int frames) {
            return frames;
        }
    };

    /** The network's latents: also the shape and order in which the first noise is drawn. */
    abstract Shape shape(int channels, int frames, FrameSize size);

    /** The network's latents to one row a frame, {@code [F, C, Y, X]}: what samplers and VAE work on. */
    abstract Tensor rows(Tensor latents);

    /** Back again. */
    abstract Tensor fromRows(Tensor rows);

    /** Samples the network sees. */
    abstract int samples(int frames);
}
