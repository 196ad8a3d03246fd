package io.kinora.decoder.pipeline;

import io.kinora.decoder.schedule.NoiseSource;
import io.kinora.decoder.vae.AutoencoderKl;
import io.kinora.decoder.vae.LatentDistribution;
import io.kinora.decoder.vae.Slicing;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Frames to latents and back, slice by slice. */
final class FrameCodec {
    private final Engine engine;
    private final AutoencoderKl vae;

    FrameCodec(Engine engine, AutoencoderKl vae) {
        this.engine = engine;
        this.vae = vae;
    }

    long[] latentSizes(FrameSize size) {
        int factor = vae.config().factor();
        return new long[] {vae.config().latentChannels(), size.height() / factor, size.width() / factor};
    }

    /** Latents of frames {@code [F, C, Y, X]}, scaled for diffusion: a sample of what the VAE says, its noise drawn for all frames at once. */
    Tensor encode(List<PixelFrame> frames, MemoryPlan plan, NoiseSource noise, Runnable beforeSlice) {
        FrameSize size = new FrameSize(frames.get(0).width(), frames.get(0).height());
        long[] latent = latentSizes(size);
        try (Scope scope = engine.scope()) {
            Tensor draw = noise.normal(Shape.of(frames.size(), latent[0], latent[1], latent[2]));
            List<Tensor> parts = new ArrayList<>();
            for (int from = 0; from < frames.size(); from += plan.framesPerSlice()) {
                beforeSlice.run();
                int to = Math.min(from + plan.framesPerSlice(), frames.size());
                parts.add(encode(frames.subList(from, to), draw.slice(0, from, to), slicing(plan)));
            }
            return scope.keep(engine.cat(parts, 0));
        }
    }

    private Tensor encode(List<PixelFrame> frames, Tensor noise, Slicing slicing) {
        try (Scope scope = engine.scope()) {
            List<Tensor> pixels =
                    frames.stream().map(frame -> frame.toSignedPixels(engine)).toList();
            LatentDistribution distribution = vae.encode(engine.stack(pixels, 0), slicing);
            return scope.keep(distribution.sample(noise).mul(vae.config().scalingFactor()));
        }
    }

    /** Hands over every frame of latents {@code [F, C, Y, X]}, in order, as soon as its slice is decoded. */
    void decode(Tensor latents, MemoryPlan plan, GenerationListener listener, Runnable beforeSlice) {
        int frames = (int) latents.dim(0);
        for (int from = 0; from < frames; from += plan.framesPerSlice()) {
            beforeSlice.run();
            try (Scope scope = engine.scope()) {
                int to = Math.min(from + plan.framesPerSlice(), frames);
                Tensor pixels = decode(latents.slice(0, from, to), slicing(plan));
                for (int i = from; i < to; i++) {
                    listener.frame(i, pixels.select(0, i - from));
                }
            }
        }
    }

    /** Latents {@code [N, C, y, x]} to pixels {@code [N, 3, Y, X]} in 0 to 1. */
    Tensor decode(Tensor latents, Slicing slicing) {
        try (Scope scope = engine.scope()) {
            Tensor images = vae.decode(latents.mul(1 / vae.config().scalingFactor()), slicing);
            return scope.keep(images.mul(0.5).add(0.5).clamp(0, 1));
        }
    }

    private static Slicing slicing(MemoryPlan plan) {
        Slicing slices = Slicing.of(plan.framesPerSlice());
        return plan.tiled() ? slices.withTiles() : slices;
    }
}
