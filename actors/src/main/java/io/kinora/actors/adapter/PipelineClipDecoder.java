package io.kinora.actors.adapter;

import akka.util.ByteString;
import io.kinora.actors.shard.ClipDecoder;
import io.kinora.actors.shard.DecoderHost;
import io.kinora.actors.shard.NotRenderedException;
import io.kinora.actors.shard.RenderJob;
import io.kinora.actors.shard.RenderSettings;
import io.kinora.actors.shard.RenderedAs;
import io.kinora.decoder.pipeline.DiffusionPipeline;
import io.kinora.decoder.pipeline.FarHalf;
import io.kinora.decoder.pipeline.GenerationCancelledException;
import io.kinora.decoder.pipeline.GenerationDefaults;
import io.kinora.decoder.pipeline.GenerationRequest;
import io.kinora.decoder.pipeline.InsufficientMemoryException;
import io.kinora.decoder.pipeline.RequestLimits;
import io.kinora.decoder.pipeline.RunningJob;
import io.kinora.decoder.schedule.NoiseSource;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.TorchRandom;
import io.kinora.video.FrameSize;
import io.kinora.video.VideoException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;

/** A {@link DiffusionPipeline} whose frames become files while the next ones are still being decoded. */
public final class PipelineClipDecoder implements ClipDecoder {
    private final DiffusionPipeline pipeline;
    private final Engine engine;
    private final Optional<GuidanceDevice> second;
    private final RequestLimits limits;
    private final Path scratch;
    private final Executor encoding;

    /**
     * Owns the pipeline and the second device, if there is one.
     *
     * @param engine that the pipeline computes on
     * @param second computes the unconditional half of guidance; jobs are then made one at a time
     * @param limits of what may be asked for
     * @param scratch folder for files in the making
     * @param encoding runs FFmpeg
     */
    public PipelineClipDecoder(
            DiffusionPipeline pipeline,
            Engine engine,
            Optional<GuidanceDevice> second,
            RequestLimits limits,
            Path scratch,
            Executor encoding) {
        this.pipeline = pipeline;
        this.engine = engine;
        this.second = second;
        this.limits = limits;
        this.scratch = scratch;
        this.encoding = encoding;
    }

    @Override
    public int room(RenderJob job) {
        return translated(() -> {
            try (Scope scope = engine.scope()) {
                return second.isPresent() ? 1 : pipeline.fitting(limits.check(JobRequest.of(job, pipeline)));
            }
        });
    }

    @Override
    public Rendering begin(RenderJob job, Progress progress) {
        return translated(() -> {
            FrameFiles files = FrameFiles.open(scratch, job.settings());
            try (Scope scope = engine.scope()) {
                Recording recording =
                        new Recording(files, progress, job.settings().previews(), encoding);
                GenerationRequest request = limits.check(JobRequest.of(job, pipeline));
                Optional<GuidanceDevice.Half> half = second.flatMap(device -> device.begin(request, pipeline));
                try {
                    return new Going(job, files, recording, half, begin(request, recording, half, progress));
                } catch (RuntimeException e) {
                    half.ifPresent(GuidanceDevice.Half::close);
                    throw e;
                }
            } catch (RuntimeException e) {
                files.close();
                throw e;
            }
        });
    }

    private RunningJob begin(
            GenerationRequest request, Recording recording, Optional<GuidanceDevice.Half> half, Progress progress) {
        TorchRandom random = new TorchRandom(request.seed());
        NoiseSource noise = shape -> random.normal(engine, shape.toArray());
        return pipeline.begin(request, noise, recording, progress::isStopped, half.map(FarHalf.class::cast));
    }

    @Override
    public void step(List<Rendering> renderings) {
        translated(() -> {
            pipeline.step(renderings.stream()
                    .map(rendering -> ((Going) rendering).running)
                    .toList());
            return renderings.size();
        });
    }

    private static <T> T translated(Callable<T> work) {
        try {
            return work.call();
        } catch (IllegalArgumentException e) {
            throw new NotRenderedException(DecoderHost.Failure.INVALID, e.getMessage(), e);
        } catch (InsufficientMemoryException e) {
            throw new NotRenderedException(DecoderHost.Failure.TOO_LARGE, e.getMessage(), e);
        } catch (GenerationCancelledException e) {
            throw new NotRenderedException(DecoderHost.Failure.CANCELLED, e.getMessage(), e);
        } catch (VideoException e) {
            throw new NotRenderedException(DecoderHost.Failure.BROKEN, e.getMessage(), e);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("a result cannot be written: " + e.getMessage(), e);
        }
    }

    /** A job of the pipeline between two steps. */
    private final class Going implements Rendering {
        private final RenderJob job;
        private final FrameFiles files;
        private final Recording recording;
        private final Optional<GuidanceDevice.Half> half;
        private final RunningJob running;

        Going(
                RenderJob job,
                FrameFiles files,
                Recording recording,
                Optional<GuidanceDevice.Half> half,
                RunningJob running) {
            this.job = job;
            this.files = files;
            this.recording = recording;
            this.half = half;
            this.running = running;
        }

        @Override
        public boolean isDenoising() {
            return running.isDenoising();
        }

        @Override
        public Result finish() {
            return translated(() -> {
                try {
                    pipeline.finish(running);
                } finally {
                    recording.settle(); // the encoder must not be closed under a frame
                }
                List<ByteString> made = recording.finish();
                return new Result(made, as(files.size().orElseThrow()));
            });
        }

        private RenderedAs as(FrameSize size) {
            GenerationDefaults defaults = pipeline.defaults();
            RenderSettings settings = job.settings();
            double guidance = job.source().isPresent() ? defaults.sourceGuidance() : defaults.guidance();
            return new RenderedAs(
                    recording.frames(),
                    size.width(),
                    size.height(),
                    settings.steps().orElse(defaults.steps()),
                    settings.guidance().orElse(guidance),
                    settings.sampler().orElse("checkpoint"),
                    recording.evaluations(),
                    recording.times());
        }

        @Override
        public void close() {
            running.close();
            half.ifPresent(GuidanceDevice.Half::close);
            try {
                files.close();
            } catch (IOException e) {
                throw new UncheckedIOException("a file in the making in %s cannot be removed".formatted(scratch), e);
            }
        }
    }

    @Override
    public void close() {
        second.ifPresent(GuidanceDevice::close);
        pipeline.close();
    }
}
