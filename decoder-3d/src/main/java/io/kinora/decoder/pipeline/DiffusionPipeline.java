package io.kinora.decoder.pipeline;

import io.kinora.decoder.schedule.NoiseSource;
import io.kinora.decoder.schedule.Sampler;
import io.kinora.decoder.schedule.SamplerKind;
import io.kinora.decoder.schedule.SamplerRun;
import io.kinora.decoder.vae.Slicing;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.TorchRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Makes frames: prompt or embeddings, and noise, through a U-Net and a sampler to latents, and through a VAE to pixels.
 *
 * <p>One class serves every released kind of checkpoint; they differ in the parts that {@link Pipelines} puts in. Text or embeddings to a
 * clip or to stills, and frames to other frames where the request has a source. What does not change between steps (prompt, cross-attention
 * keys and values, time embeddings) is computed once. The loop keeps the sample in single precision, whatever the network computes in.
 *
 * <p>The same request gives the same frames, on the same device bit for bit. Thread-safe, but every generation counts on the memory
 * that is free when it starts: run one at a time on a device.
 */
public final class DiffusionPipeline implements AutoCloseable {
    private final Engine engine;
    private final Network network;
    private final PromptEncoder prompts;
    private final Function<Optional<SamplerKind>, Sampler> samplers;
    private final FrameCodec codec;
    private final MemoryPlanner planner;
    private final GenerationDefaults defaults;
    private final Runnable release;
    private Optional<LatentColours> colours = Optional.empty();

    /** Of parts that {@code release} frees. */
    DiffusionPipeline(
            Engine engine,
            Network network,
            PromptEncoder prompts,
            Function<Optional<SamplerKind>, Sampler> samplers,
            FrameCodec codec,
            MemoryPlanner planner,
            GenerationDefaults defaults,
            Runnable release) {
        this.engine = engine;
        this.network = network;
        this.prompts = prompts;
        this.samplers = samplers;
        this.codec = codec;
        this.planner = planner;
        this.defaults = defaults;
        this.release = release;
    }

    /** What is done where a request says nothing. */
    public GenerationDefaults defaults() {
        return defaults;
    }

    /** True if the network makes the frames of a clip together, false if it makes stills that know nothing of each other. */
    public boolean makesClips() {
        return network.axes() == LatentAxes.CLIP;
    }

    /**
     * How a request would be cut to fit into what is free now.
     *
     * @throws InsufficientMemoryException if it would not fit at all
     */
    public MemoryPlan plan(GenerationRequest request) {
        return planner.plan(defaults.resolve(request), engine.freeBytes());
    }

    /**
     * Makes the frames of a request, with noise from PyTorch's CPU generator as the reference pipelines draw it: first the VAE's for a source,
     * then that of the first sample, then what the sampler adds.
     *
     * @param listener is given every finished frame
     * @throws InvalidRequestException if the checkpoint cannot do what is asked for
     * @throws InsufficientMemoryException before anything is computed, if the job does not fit
     * @throws GenerationCancelledException within one step after the signal
     */
    public void generate(GenerationRequest request, GenerationListener listener, CancelSignal cancel) {
        TorchRandom random = new TorchRandom(request.seed());
        generate(request, shape -> random.normal(engine, shape.toArray()), listener, cancel);
    }

    /** {@link #generate(GenerationRequest, GenerationListener, CancelSignal)} with noise from elsewhere, instead of the seed's. */
    public void generate(
            GenerationRequest request, NoiseSource noise, GenerationListener listener, CancelSignal cancel) {
        try (RunningJob job = begin(request, noise, listener, cancel, Optional.empty())) {
            while (job.isDenoising()) {
                step(List.of(job));
            }
            finish(job);
        }
    }

    /**
     * Begins a job that is moved on step by step, alone or with others: as {@link #generate(GenerationRequest, GenerationListener, CancelSignal)}
     * up to the first step, with the same errors.
     */
    public RunningJob begin(GenerationRequest request, GenerationListener listener, CancelSignal cancel) {
        TorchRandom random = new TorchRandom(request.seed());
        return begin(request, shape -> random.normal(engine, shape.toArray()), listener, cancel, Optional.empty());
    }

    /**
     * {@link #begin(GenerationRequest, GenerationListener, CancelSignal)} with noise from elsewhere.
     *
     * @param unconditional where guidance's other half is computed; empty computes both here. Such a job is moved on alone.
     */
    public RunningJob begin(
            GenerationRequest request,
            NoiseSource noise,
            GenerationListener listener,
            CancelSignal cancel,
            Optional<FarHalf> unconditional) {
        Job job = defaults.resolve(request);
        request.stepCache().ifPresent(this::check);
        MemoryPlan plan = planner.plan(job, engine.freeBytes());
        listener.planned(plan);
        SamplerRun run = start(job, noise);
        try (Scope scope = engine.scope()) {
            int first = job.firstStep();
            Runnable beforeSlice = stopWhen(cancel, 0, run.evaluations() - first);
            Tensor noisy = firstSample(job, plan, run, noise, beforeSlice);
            GuidedUNet unet = guided(job, plan.guidanceBatched(), unconditional, run);
            try {
                listener.prompted();
                DenoisingLoop loop =
                        new DenoisingLoop(engine, network.axes(), unet, run, listener, cancel, this::pictures);
                return new RunningJob(job, plan, listener, run, unet, loop, cancel, scope.detach(noisy));
            } catch (RuntimeException e) {
                unet.close();
                throw e;
            }
        } catch (RuntimeException e) {
            run.close();
            throw e;
        }
    }

    /** How many jobs like this one may be moved on in one call without more memory than is free now; at least one if it fits at all. */
    public int fitting(GenerationRequest request) {
        return planner.fitting(defaults.resolve(request), engine.freeBytes());
    }

    /**
     * Makes one step of every job that is still denoising; jobs that {@link RunningJob#joins join} in one call of the network. The samples of a
     * batch do not mix: a job comes to the same frames as alone, but for the rounding of other matrix sizes.
     *
     * <p>A job that was cancelled, or whose listener threw, has its {@link RunningJob#failure} and is left out from then on. Any other
     * failure is thrown, and none of the jobs may be used further.
     */
    public void step(List<RunningJob> jobs) {
        List<RunningJob> rest =
                new ArrayList<>(jobs.stream().filter(RunningJob::mayStep).toList());
        while (!rest.isEmpty()) {
            RunningJob one = rest.get(0);
            List<RunningJob> batch =
                    rest.stream().filter(job -> job == one || job.joins(one)).toList();
            rest.removeAll(batch);
            try (Scope scope = engine.scope()) {
                List<Tensor> predictions = RunningJob.predict(batch);
                for (int j = 0; j < batch.size(); j++) {
                    batch.get(j).advance(scope, predictions.get(j));
                }
            }
        }
    }

    /**
     * Decodes the frames of a job that is denoised, and hands them to its listener.
     *
     * @throws GenerationCancelledException before the next slice of frames after the signal
     * @throws IllegalStateException if there are still steps to make
     */
    public void finish(RunningJob job) {
        job.failure().ifPresent(failure -> {
            throw failure;
        });
        if (job.isDenoising()) {
            throw new IllegalStateException("%d of %d steps are made".formatted(job.done(), job.total()));
        }
        try (Scope scope = engine.scope()) {
            job.listener().denoised(network.axes().fromRows(job.latents()));
            codec.decode(job.latents(), job.plan(), job.listener(), job::stopIfCancelled);
        }
    }

    /**
     * The unconditional half of a job that another pipeline of the same checkpoint runs with {@link FarHalf}.
     *
     * @throws InvalidRequestException if the request has no guidance, or the checkpoint cannot do what is asked for
     */
    public UnconditionalHalf unconditional(GenerationRequest request) {
        Job job = defaults.resolve(request);
        if (!job.guidance().isOn()) {
            throw new InvalidRequestException("guidance", job.guidance().scale(), "above 1 for a half of its own");
        }
        try (SamplerRun run = start(job, NoiseSource.none());
                Scope scope = engine.scope()) {
            Conditions conditions = prompts.encode(job, network.axes().samples(job.frames()));
            Conditions half = new Conditions(conditions.unconditional().orElseThrow(), Optional.empty());
            GuidedUNet.Mode mode = new GuidedUNet.Mode(new Guidance(1, 0), false, Optional.empty());
            return new UnconditionalHalf(engine, guided(job, half, mode, Optional.empty(), run));
        }
    }

    private void check(StepCache cache) {
        if (network.place() instanceof UNetPlace.Elsewhere) {
            throw new InvalidRequestException(
                    "step cache depth", cache.depth(), "no step cache, as this network is cut over several devices");
        }
        int levels = network.sizes().widths().size();
        if (cache.depth() >= levels) {
            throw new InvalidRequestException(
                    "step cache depth",
                    cache.depth(),
                    "1 to %d for a network of %d levels".formatted(levels - 1, levels));
        }
    }

    private static Runnable stopWhen(CancelSignal cancel, int done, int total) {
        return () -> {
            if (cancel.isCancelled()) {
                throw new GenerationCancelledException(done, total);
            }
        };
    }

    private SamplerRun start(Job job, NoiseSource noise) {
        Sampler sampler = samplers.apply(job.request().sampler());
        try {
            return sampler.start(job.steps(), job.request().eta(), noise);
        } catch (IllegalArgumentException e) {
            throw new InvalidRequestException("steps", job.steps(), e.getMessage());
        }
    }

    private GuidedUNet guided(Job job, boolean batched, Optional<FarHalf> unconditional, SamplerRun run) {
        try (Scope scope = engine.scope()) {
            Conditions conditions = prompts.encode(job, network.axes().samples(job.frames()));
            boolean together = batched && unconditional.isEmpty() && network.place() instanceof UNetPlace.Here;
            GuidedUNet.Mode mode =
                    new GuidedUNet.Mode(job.guidance(), together, job.request().stepCache());
            return guided(job, conditions, mode, unconditional, run);
        }
    }

    private GuidedUNet guided(
            Job job, Conditions conditions, GuidedUNet.Mode mode, Optional<FarHalf> unconditional, SamplerRun run) {
        double[] timesteps = new double[run.evaluations()];
        for (int i = 0; i < timesteps.length; i++) {
            timesteps[i] = run.timestep(i);
        }
        return new GuidedUNet(engine, network.place(), job.frames(), conditions, mode, unconditional, timesteps);
    }

    /** {@code [F, C, Y, X]}: pure noise, or the source brought to the noise level of the first step. */
    private Tensor firstSample(Job job, MemoryPlan plan, SamplerRun run, NoiseSource noise, Runnable beforeSlice) {
        long[] latent = codec.latentSizes(job.size());
        try (Scope scope = engine.scope()) {
            Optional<SourceClip> source = job.request().source();
            if (source.isPresent()) {
                Tensor clean = codec.encode(source.get().frames(), plan, noise, beforeSlice);
                return scope.keep(run.addNoise(clean, noise.normal(clean.shape()), job.firstStep()));
            }
            Shape shape = network.axes().shape(sharesNoise(job) ? 1 : job.frames(), latent);
            Tensor rows = network.axes().rows(noise.normal(shape)).mul(run.initNoiseSigma());
            return scope.keep(
                    rows.expand(job.frames(), latent[0], latent[1], latent[2]).contiguous());
        }
    }

    /**
     * Stills with embeddings of their own start from one and the same noise, so that what the embeddings have in common looks the same in all:
     * frames of a clip, autoencoded one by one. This project's own choice; no released pipeline does it.
     */
    private boolean sharesNoise(Job job) {
        return network.axes() == LatentAxes.STILLS
                && job.request().prompt() instanceof Prompt.Embeddings prompt
                && prompt.embeddings().rank() == 3;
    }

    private List<PixelFrame> pictures(Tensor latents) {
        return colours().pictures(latents);
    }

    private synchronized LatentColours colours() {
        if (colours.isEmpty()) {
            colours = Optional.of(LatentColours.fit(
                    engine, network.sizes().channels(), latents -> codec.decode(latents, Slicing.ONE)));
        }
        return colours.get();
    }

    /** Frees the weights. */
    @Override
    public synchronized void close() {
        colours.ifPresent(LatentColours::close);
        colours = Optional.empty();
        release.run();
    }
}
