package io.kinora.training.stage;

import io.kinora.decoder.vae.AutoencoderKl;
import io.kinora.decoder.vae.LatentDistribution;
import io.kinora.decoder.vae.Slicing;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.TorchRandom;
import io.kinora.training.data.Pixels;
import io.kinora.training.data.SceneSource;
import io.kinora.training.world.Scene;
import io.kinora.training.world.SceneRenderer;
import io.kinora.training.world.Sprite;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Latents that pixels can be made of again (Rombach et al. 2022, arXiv:2112.10752): the distance of the pictures that come back, and a little
 * of the divergence of the latents' distribution from the standard normal one.
 */
public final class AutoencoderStage implements Objective<AutoencoderStage.Batch> {
    private static final double RARE = 6;

    private final Engine engine;
    private final AutoencoderKl model;
    private final SceneSource scenes;
    private final Sizes sizes;
    private final double divergence;
    private final long seed;

    /**
     * Sizes of a batch.
     *
     * @param pictures N
     * @param crop side of the square that is cut out of each picture; the whole picture's for all of it
     */
    public record Sizes(int pictures, int crop) {}

    /** Pictures {@code [N, size, size, 3]} and the noise of their latents. */
    public record Batch(Pixels pixels, long noise) {}

    /**
     * On an autoencoder.
     *
     * @param sizes of a batch
     * @param divergence weight of the divergence
     */
    public AutoencoderStage(
            Engine engine, AutoencoderKl model, SceneSource scenes, Sizes sizes, double divergence, long seed) {
        this.engine = engine;
        this.model = model;
        this.scenes = scenes;
        this.sizes = sizes;
        this.divergence = divergence;
        this.seed = seed;
    }

    @Override
    public Batch prepare(long number) {
        SplittableRandom random = new SplittableRandom(seed * 31 + number);
        int size = model.config().sampleSize();
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < sizes.pictures(); i++) {
            Scene scene = scenes.scene(random.nextLong(1L << 40));
            double moment = random.nextDouble();
            byte[] frame = new SceneRenderer(scene, size, size).pixels(moment);
            frames.add(sizes.crop() == size ? frame : crop(frame, size, scene, moment, random));
        }
        return new Batch(new Pixels(frames, sizes.crop()), random.nextLong());
    }

    /** A square that holds the middle of one of the shapes: most of a picture is ground, which is learned soon. */
    private byte[] crop(byte[] frame, int size, Scene scene, double moment, SplittableRandom random) {
        int side = sizes.crop();
        Sprite.Pose pose =
                scene.sprites().get(random.nextInt(scene.sprites().size())).at(moment);
        int left = start((int) (pose.x() * size) - random.nextInt(side), size);
        int top = start((int) (pose.y() * size) - random.nextInt(side), size);
        byte[] cut = new byte[side * side * 3];
        for (int row = 0; row < side; row++) {
            System.arraycopy(frame, ((top + row) * size + left) * 3, cut, row * side * 3, side * 3);
        }
        return cut;
    }

    private int start(int wanted, int size) {
        return Math.max(0, Math.min(size - sizes.crop(), wanted));
    }

    @Override
    public Loss loss(Batch batch) {
        Tensor images = batch.pixels().signed(engine); // (N, 3, Y, X)
        Slicing whole = Slicing.of(batch.pixels().count());
        LatentDistribution latents = model.encode(images, whole);
        Tensor mean = latents.mean().to(DType.F32); // (N, L, y, x)
        Tensor logvar = latents.logvar().to(DType.F32);
        Tensor noise =
                new TorchRandom(batch.noise()).normal(engine, mean.shape().toArray());
        Tensor sample = mean.add(logvar.mul(0.5).exp().mul(noise));
        Tensor difference = model.decode(sample, whole).sub(images);
        Tensor squared = Losses.mean(difference.mul(difference));
        Tensor absolute =
                Losses.mean(difference.mul(difference).add(1e-6).sqrt().mul(weights(images)));
        Tensor kl = Losses.mean(mean.mul(mean).add(logvar.exp()).sub(logvar).add(-1))
                .mul(0.5);
        Map<String, Tensor> parts = new LinkedHashMap<>();
        parts.put("absolute", absolute);
        parts.put("squared", squared);
        parts.put("divergence", kl);
        parts.put("scale", Losses.mean(mean.mul(mean)).sqrt());
        return new Loss(absolute.add(kl.mul(divergence)), parts);
    }

    /** Pixels unlike the rest of their picture count more: shapes are small, and a picture of the ground alone would be nearly right. */
    private static Tensor weights(Tensor images) { // (N, 3, Y, X) -> (N, 1, Y, X)
        Tensor colour = images.reshape(images.dim(0), 3, -1).mean(2); // (N, 3)
        Tensor unlike = images.sub(colour.reshape(images.dim(0), 3, 1, 1));
        return unlike.mul(unlike).mean(1).unsqueeze(1).mul(RARE).add(1);
    }
}
