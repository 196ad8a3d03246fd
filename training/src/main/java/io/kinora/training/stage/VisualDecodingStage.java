package io.kinora.training.stage;

import io.kinora.decoder.nn.TimeSchedule;
import io.kinora.decoder.schedule.NoiseSchedule;
import io.kinora.decoder.unet.Conditioning;
import io.kinora.decoder.unet.Emu2VideoUNet;
import io.kinora.decoder.vae.AutoencoderKl;
import io.kinora.decoder.vae.Slicing;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.TorchRandom;
import io.kinora.training.data.CodedClips;
import io.kinora.training.data.Pixels;
import io.kinora.training.data.SceneSource;
import io.kinora.training.model.Emu2Learner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;

/**
 * Visual decoding (Emu2, section 2.2.3): the video network learns to make a clip's latents out of noise and the embeddings of its key frames.
 * The encoder and the autoencoder stay as they are; the language model takes no part.
 *
 * <p>It starts with stills, as the paper starts with a network that was trained on pictures (Stable Diffusion 2.1); clips come after that.
 *
 * <p>Letters: B clips, S samples, F frames of a sample, K key frames of it, n embeddings of a frame, W their width, L latent channels.
 */
public final class VisualDecodingStage implements Objective<VisualDecodingStage.Batch>, AutoCloseable {
    private static final double DECODED_ALONE = 0.1;

    private final Engine engine;
    private final Emu2VideoUNet network;
    private final NoiseSchedule schedule;
    private final CodedClips clips;
    private final Sizes sizes;
    private final long seed;

    /**
     * Sizes of a batch.
     *
     * @param clips B
     * @param frames F
     * @param keyFrames K
     * @param scenes how many scenes there are to learn from; their latents and embeddings are kept
     * @param stills whether every frame is a picture by itself and a key frame, with noise of its own: as many lessons as frames, where a
     *     clip is one
     * @param noise most noise on the embeddings, as a deviation in units of their own: those that a language model imagines are not exact
     */
    public record Sizes(int clips, int frames, int keyFrames, long scenes, boolean stills, double noise) {
        /** Checks that stills have embeddings of their own. */
        public Sizes {
            if (stills && frames != keyFrames) {
                throw new IllegalArgumentException(
                        "each still is a key frame, got %d frames and %d key frames".formatted(frames, keyFrames));
            }
        }

        /** What is noised as a whole: S. */
        int samples() {
            return stills ? clips * frames : clips;
        }
    }

    /** Clips, and what is random about each sample of them. */
    public record Batch(List<CodedClips.Drawn> clips, List<Integer> times, List<Boolean> blind, long noise) {
        /** Copies the lists. */
        public Batch {
            clips = List.copyOf(clips);
            times = List.copyOf(times);
            blind = List.copyOf(blind);
        }
    }

    /** Of a network, for the latents of an autoencoder and the embeddings of an encoder. */
    public VisualDecodingStage(
            Engine engine,
            Emu2VideoUNet network,
            AutoencoderKl autoencoder,
            Emu2Learner encoder,
            NoiseSchedule schedule,
            SceneSource scenes,
            Sizes sizes,
            long seed) {
        this.engine = engine;
        this.network = network;
        this.schedule = schedule;
        this.clips = new CodedClips(
                engine,
                scenes,
                new CodedClips.Sizes(
                        sizes.frames(),
                        autoencoder.config().sampleSize(),
                        sizes.keyFrames(),
                        encoder.config().vision().imageSize()),
                frames -> latents(engine, autoencoder, frames),
                keyFrames -> encoder.picture(keyFrames.bytes(engine)));
        this.sizes = sizes;
        this.seed = seed;
    }

    @Override
    public Batch prepare(long number) {
        SplittableRandom random = new SplittableRandom(seed * 31 + number);
        List<CodedClips.Drawn> drawn = new ArrayList<>();
        List<Integer> times = new ArrayList<>();
        List<Boolean> blind = new ArrayList<>();
        for (int i = 0; i < sizes.clips(); i++) {
            drawn.add(clips.draw(random.nextLong(sizes.scenes())));
        }
        for (int i = 0; i < sizes.samples(); i++) {
            // Where there is much noise the embeddings decide; where there is little, the latents tell nearly all. The
            // former is to be learned more often.
            times.add((int) (schedule.steps() * Math.sqrt(random.nextDouble())));
            blind.add(random.nextDouble() < DECODED_ALONE);
        }
        return new Batch(drawn, times, blind, random.nextLong());
    }

    @Override
    public Loss loss(Batch batch) {
        long S = sizes.samples();
        List<CodedClips.Coded> coded = batch.clips().stream().map(clips::coded).toList();
        Tensor latents =
                engine.stack(coded.stream().map(CodedClips.Coded::latents).toList(), 0); // (B, F, L, y, x)
        long frames = sizes.stills() ? 1 : sizes.frames();
        Tensor clean = latents.reshape(S, frames, latents.dim(2), latents.dim(3), latents.dim(4))
                .permute(0, 2, 1, 3, 4)
                .contiguous(); // (S, L, F, y, x)
        Tensor embeddings =
                engine.stack(coded.stream().map(CodedClips.Coded::embeddings).toList(), 0); // (B, K, n, W)
        Tensor keys = embeddings.reshape(S, -1, embeddings.dim(3)); // (S, K·n, W)
        TorchRandom random = new TorchRandom(batch.noise());
        Tensor condition = inexact(blinded(keys, batch.blind()), random); // (S, K·n, W)
        Tensor noise = random.normal(engine, clean.shape().toArray());
        Tensor alpha = perSample(batch.times(), t -> Math.sqrt(schedule.alphaBar(t)));
        Tensor sigma = perSample(batch.times(), t -> Math.sqrt(1 - schedule.alphaBar(t)));
        Tensor noisy = alpha.mul(clean).add(sigma.mul(noise));
        Tensor velocity = alpha.mul(noise).sub(sigma.mul(clean));
        double[] times =
                batch.times().stream().mapToDouble(Integer::doubleValue).toArray();
        try (Conditioning conditioning = network.condition(condition, frames);
                TimeSchedule time = network.embedTimePerSample(conditioning, times)) {
            Tensor found = network.forward(noisy, time.step(0), conditioning);
            Tensor loss = Losses.squared(found, velocity);
            return new Loss(loss, Map.of("velocity", loss));
        }
    }

    private static Tensor latents(Engine engine, AutoencoderKl autoencoder, Pixels frames) { // -> (F, L, y, x)
        return autoencoder
                .encode(frames.signed(engine), Slicing.of(frames.count()))
                .mean()
                .to(DType.F32)
                .mul(autoencoder.config().scalingFactor());
    }

    @Override
    public void close() {
        clips.close();
    }

    /**
     * Some samples see the batch's mean in place of their own key frames: what the language model regresses behind an empty prompt, and guidance
     * leads away from.
     */
    private Tensor blinded(Tensor keys, List<Boolean> blind) {
        float[] own = new float[blind.size()];
        for (int i = 0; i < own.length; i++) {
            own[i] = blind.get(i) ? 0 : 1;
        }
        Tensor share = engine.of(own, own.length, 1, 1).to(keys.dtype());
        Tensor mean = keys.mean(0).unsqueeze(0);
        return mean.add(keys.sub(mean).mul(share));
    }

    /** With a noise of its own on each sample's embeddings, of a strength of its own. */
    private Tensor inexact(Tensor keys, TorchRandom random) {
        if (sizes.noise() == 0) {
            return keys;
        }
        Tensor exact = keys.to(DType.F32);
        Tensor centred = exact.sub(exact.mean(0).unsqueeze(0));
        Tensor deviation = Losses.mean(centred.mul(centred)).sqrt();
        Tensor strength = engine.of(random.uniform(Math.toIntExact(exact.dim(0))), exact.dim(0), 1, 1)
                .mul(sizes.noise());
        Tensor noise =
                random.normal(engine, exact.shape().toArray()).mul(strength).mul(deviation);
        return exact.add(noise).to(keys.dtype());
    }

    private Tensor perSample(List<Integer> times, IntToDoubleFunction value) {
        float[] values = new float[times.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) value.applyAsDouble(times.get(i));
        }
        return engine.of(values, values.length, 1, 1, 1, 1);
    }
}
