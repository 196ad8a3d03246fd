package io.kinora.decoder.pipeline;

import io.kinora.decoder.audio.HifiGan;
import io.kinora.decoder.schedule.NoiseSource;
import io.kinora.decoder.schedule.Sampler;
import io.kinora.decoder.schedule.SamplerKind;
import io.kinora.decoder.schedule.SamplerRun;
import io.kinora.decoder.unet.UNet2dConditionModel;
import io.kinora.decoder.vae.AutoencoderKl;
import io.kinora.decoder.vae.Slicing;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.TorchRandom;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Makes sound: words and noise through a U-Net and a sampler to latents, through a VAE to a mel spectrogram, and through a vocoder to samples.
 *
 * <p>Liu et al. 2023, arXiv:2301.12503; official class diffusers {@code AudioLDMPipeline}, whose folders it opens. The same request gives the
 * same samples, on the same device bit for bit. Thread-safe; run one at a time on a device.
 */
public final class AudioPipeline implements AutoCloseable {
    private static final int STEPS = 10;
    private static final double GUIDANCE = 2.5;

    private final Engine engine;
    private final UNet2dConditionModel unet;
    private final AudioPrompts prompts;
    private final Function<Optional<SamplerKind>, Sampler> samplers;
    private final AutoencoderKl vae;
    private final HifiGan vocoder;
    private final SpectrogramSizes sizes;
    private final Runnable release;

    /** Of parts that {@code release} frees. */
    AudioPipeline(
            Engine engine,
            UNet2dConditionModel unet,
            AudioPrompts prompts,
            Function<Optional<SamplerKind>, Sampler> samplers,
            AutoencoderKl vae,
            HifiGan vocoder,
            Runnable release) {
        this.engine = engine;
        this.unet = unet;
        this.prompts = prompts;
        this.samplers = samplers;
        this.vae = vae;
        this.vocoder = vocoder;
        this.sizes = new SpectrogramSizes(
                vocoder.config().samplingRate(),
                vocoder.config().hop(),
                vocoder.config().bins(),
                vae.config().factor());
        this.release = release;
    }

    /** Opens a released folder with what suits the engine's device. */
    public static AudioPipeline open(Path folder, Engine engine) {
        return open(folder, engine, PipelineOptions.forDevice(engine.device()));
    }

    /**
     * Opens a released folder. The pipeline owns the weights and is closed by the caller; the engine stays the caller's.
     *
     * @throws io.kinora.model.checkpoint.CheckpointException if a part is missing, damaged, or of a class or setting that is not
     *     supported
     */
    public static AudioPipeline open(Path folder, Engine engine, PipelineOptions options) {
        PipelineLoader loader = new PipelineLoader(ModelIndex.read(folder), engine, options, Optional.empty());
        try {
            return loader.loadAudio();
        } catch (RuntimeException e) {
            loader.close();
            throw e;
        }
    }

    /** Samples per second of what it makes. */
    public int samplingRate() {
        return sizes.samplingRate();
    }

    /** Length of a sound where a request gives none: what the U-Net was trained on. */
    public double defaultSeconds() {
        return unet.config().sampleSize() * sizes.factor() * sizes.frameSeconds();
    }

    /**
     * Makes the sound of a request, with noise from PyTorch's CPU generator as the reference pipeline draws it.
     *
     * @param listener is told of every step; there are no pictures to preview
     * @throws InvalidRequestException if the checkpoint cannot do what is asked for
     * @throws GenerationCancelledException within one step after the signal
     */
    public GeneratedSound generate(AudioRequest request, GenerationListener listener, CancelSignal cancel) {
        TorchRandom random = new TorchRandom(request.seed());
        return generate(request, shape -> random.normal(engine, shape.toArray()), listener, cancel);
    }

    /** {@link #generate(AudioRequest, GenerationListener, CancelSignal)} with noise from elsewhere, instead of the seed's. */
    public GeneratedSound generate(
            AudioRequest request, NoiseSource noise, GenerationListener listener, CancelSignal cancel) {
        double seconds = request.seconds().orElseGet(this::defaultSeconds);
        int height = sizes.latentHeight(seconds);
        try (Scope scope = engine.scope();
                SamplerRun run = start(request, noise)) {
            Tensor latents;
            try (GuidedUNet guided = guided(request, run)) {
                Tensor noisy = noise.normal(Shape.of(
                                prompts.pieces(request.prompt()),
                                unet.config().inChannels(),
                                height,
                                sizes.latentWidth()))
                        .mul(run.initNoiseSigma()); // [n, C, t, f]
                latents = new DenoisingLoop(
                                engine, LatentAxes.STILLS, guided, run, listener, cancel, unseen -> List.of())
                        .denoise(noisy, 0);
            }
            listener.denoised(latents);
            if (cancel.isCancelled()) {
                throw new GenerationCancelledException(run.evaluations(), run.evaluations());
            }
            return sound(latents, seconds, listener);
        }
    }

    private SamplerRun start(AudioRequest request, NoiseSource noise) {
        int steps = request.steps().orElse(STEPS);
        try {
            return samplers.apply(request.sampler()).start(steps, request.eta(), noise);
        } catch (IllegalArgumentException e) {
            throw new InvalidRequestException("steps", steps, e.getMessage());
        }
    }

    private GuidedUNet guided(AudioRequest request, SamplerRun run) {
        double[] timesteps =
                IntStream.range(0, run.evaluations()).mapToDouble(run::timestep).toArray();
        Guidance guidance = new Guidance(request.guidance().orElse(GUIDANCE), 0);
        try (Scope scope = engine.scope()) {
            return new GuidedUNet(
                    engine,
                    new UNetPlace.Here(unet, frames -> unet::condition),
                    1,
                    prompts.encode(request.prompt(), guidance),
                    new GuidedUNet.Mode(guidance, true, Optional.empty()),
                    Optional.empty(),
                    timesteps);
        }
    }

    private GeneratedSound sound(Tensor latents, double seconds, GenerationListener listener) {
        int pieces = Math.toIntExact(latents.dim(0));
        Tensor mel = vae.decode(latents.mul(1 / vae.config().scalingFactor()), Slicing.ONE)
                .squeeze(1); // [n, F, M]
        listener.spectrogram(mel);
        Tensor samples = vocoder.forward(mel); // [n, N]
        long kept = Math.min(sizes.samples(seconds), samples.dim(1));
        return new GeneratedSound(
                samplingRate(),
                IntStream.range(0, pieces)
                        .mapToObj(i -> samples.select(0, i).slice(0, 0, kept).toFloats())
                        .toList());
    }

    /** Frees the weights. */
    @Override
    public void close() {
        vocoder.close();
        release.run();
    }
}
