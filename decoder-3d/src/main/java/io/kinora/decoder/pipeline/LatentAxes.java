package io.kinora.decoder.pipeline;

import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;

/** How a network wants its latents: a clip's frames as an axis of one sample, or every still a sample of its own. */
enum LatentAxes {
    /** {@code [1, C, F, Y, X]}. */
    CLIP {
        @Override
        Shape shape(int frames, long... latent) {
            return Shape.of(1, latent[0], frames, latent[1], latent[2]);
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
        Shape shape(int frames, long... latent) {
            return Shape.of(frames, latent[0], latent[1], latent[2]);
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

    /** The shape of a network's latents, one frame being {@code latent [C, Y, X]}: also the order in which the first noise is drawn. */
    abstract Shape shape(int frames, long... latent);

    /** The network's latents to one row a frame, {@code [F, C, Y, X]}: what samplers and VAE work on. */
    abstract Tensor rows(Tensor latents);

    /** Back again. */
    abstract Tensor fromRows(Tensor rows);

    /** Samples the network sees. */
    abstract int samples(int frames);
}
