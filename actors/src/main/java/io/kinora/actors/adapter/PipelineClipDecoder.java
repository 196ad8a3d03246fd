package io.kinora.actors.adapter;

import akka.util.ByteString;
import io.kinora.actors.shard.ClipDecoder;
import io.kinora.actors.shard.DecoderHost;
import io.kinora.actors.shard.NotRenderedException;
import io.kinora.actors.shard.RenderJob;
import io.kinora.actors.shard.RenderSettings;
import io.kinora.actors.shard.RenderedAs;
import io.kinora.decoder.pipeline.DiffusionPipeline;
import io.kinora.decoder.pipeline.GenerationCancelledException;
import io.kinora.decoder.pipeline.GenerationDefaults;
import io.kinora.decoder.pipeline.GenerationRequest;
import io.kinora.decoder.pipeline.InsufficientMemoryException;
import io.kinora.decoder.pipeline.OutputFormat;
import io.kinora.decoder.pipeline.PixelFrame;
import io.kinora.decoder.pipeline.Prompt;
import io.kinora.decoder.pipeline.RequestLimits;
import io.kinora.decoder.pipeline.SourceClip;
import io.kinora.decoder.schedule.SamplerKind;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.video.FrameResizer;
import io.kinora.video.FrameSize;
import io.kinora.video.RgbFrame;
import io.kinora.video.VideoException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;

/** A {@link DiffusionPipeline} whose frames become files while the next ones are still being decoded. */
public final class PipelineClipDecoder implements ClipDecoder {
    private static final int CHANNELS = 3;

    private final DiffusionPipeline pipeline;
    private final RequestLimits limits;
    private final Path scratch;
    private final Executor encoding;

    /**
     * Owns the pipeline.
     *
     * @param limits of what may be asked for
     * @param scratch folder for files in the making
     * @param encoding runs FFmpeg
     */
    public PipelineClipDecoder(DiffusionPipeline pipeline, RequestLimits limits, Path scratch, Executor encoding) {
        this.pipeline = pipeline;
        this.limits = limits;
        this.scratch = scratch;
        this.encoding = encoding;
    }

    @Override
    public Result decode(RenderJob job, Progress progress) {
        try (FrameFiles files = FrameFiles.open(scratch, job.settings())) {
            Recording recording = new Recording(files, progress, job.settings().previews(), encoding);
            try {
                generate(job, recording, progress);
            } finally {
                recording.settle(); // the encoder must not be closed under a frame
            }
            List<ByteString> made = recording.finish();
            return new Result(made, as(job, files.size().orElseThrow(), recording));
        } catch (IllegalArgumentException e) {
            throw new NotRenderedException(DecoderHost.Failure.INVALID, e.getMessage(), e);
        } catch (InsufficientMemoryException e) {
            throw new NotRenderedException(DecoderHost.Failure.TOO_LARGE, e.getMessage(), e);
        } catch (GenerationCancelledException e) {
            throw new NotRenderedException(DecoderHost.Failure.CANCELLED, e.getMessage(), e);
        } catch (VideoException e) {
            throw new NotRenderedException(DecoderHost.Failure.BROKEN, e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("no clip can be written in " + scratch, e);
        }
    }

    private void generate(RenderJob job, Recording recording, Progress progress) {
        if (job.subject() instanceof RenderJob.Watched watched) {
            try (Scope scope = watched.embeddings().engine().scope()) {
                Tensor prompt = pipeline.makesClips() ? keyFrames(watched.embeddings()) : watched.embeddings();
                run(job, new Prompt.Embeddings(prompt, watched.negative()), recording, progress);
            }
        } else if (job.subject() instanceof RenderJob.Visual visual) {
            run(job, new Prompt.Embeddings(visual.embeddings(), visual.negative()), recording, progress);
        } else {
            RenderJob.Words words = (RenderJob.Words) job.subject();
            run(job, new Prompt.Text(words.prompt(), words.negative()), recording, progress);
        }
    }

    /** {@code [F, n, W]} to {@code [F·n, W]}: every frame that was taken is a key frame, in order. */
    private static Tensor keyFrames(Tensor embeddings) {
        return embeddings.reshape(-1, embeddings.dim(-1));
    }

    private void run(RenderJob job, Prompt prompt, Recording recording, Progress progress) {
        pipeline.generate(limits.check(request(job, prompt)), recording, progress::isStopped);
    }

    private GenerationRequest request(RenderJob job, Prompt prompt) {
        RenderSettings settings = job.settings();
        GenerationRequest.Builder request = GenerationRequest.of(prompt)
                .fps(settings.fps())
                .guidanceRescale(settings.guidanceRescale())
                .seed(settings.seed())
                .format(OutputFormat.valueOf(settings.format().name()));
        OptionalInt frames = frames(job);
        frames.ifPresent(request::frames);
        settings.size().ifPresent(size -> request.size(size.width(), size.height()));
        settings.steps().ifPresent(request::steps);
        settings.guidance().ifPresent(request::guidance);
        settings.sampler().map(SamplerKind::parse).ifPresent(request::sampler);
        job.source().map(source -> source(job, source)).ifPresent(request::source);
        return request.build();
    }

    /** As many as asked for; of a clip that was watched by a decoder of pictures, one for each of its frames. */
    private OptionalInt frames(RenderJob job) {
        boolean picturesOfClip = job.subject() instanceof RenderJob.Watched && !pipeline.makesClips();
        if (picturesOfClip) {
            return OptionalInt.of(
                    (int) ((RenderJob.Watched) job.subject()).embeddings().dim(0));
        }
        return job.settings().frames().map(OptionalInt::of).orElseGet(OptionalInt::empty);
    }

    /** The source in the size of the result; a picture stands for a clip that stands still. */
    private SourceClip source(RenderJob job, RenderJob.Source source) {
        FrameSize size = job.settings()
                .size()
                .map(given -> new FrameSize(given.width(), given.height()))
                .orElseGet(() -> new FrameSize(
                        pipeline.defaults().size().width(),
                        pipeline.defaults().size().height()));
        Tensor frames = source.frames(); // [F, Y, X, 3]
        int height = (int) frames.dim(1);
        int width = (int) frames.dim(2);
        byte[] bytes = frames.toBytes();
        int frameBytes = height * width * CHANNELS;
        List<PixelFrame> resized = IntStream.range(0, (int) frames.dim(0))
                .mapToObj(i ->
                        RgbFrame.of(width, height, Arrays.copyOfRange(bytes, i * frameBytes, (i + 1) * frameBytes)))
                .map(frame -> FrameResizer.likePil(frame, size, FrameResizer.Filter.BICUBIC))
                .map(frame -> PixelFrame.of(frame.width(), frame.height(), frame.pixels()))
                .toList();
        boolean still = resized.size() == 1 && pipeline.makesClips();
        return new SourceClip(
                still
                        ? Collections.nCopies(
                                job.settings()
                                        .frames()
                                        .orElse(pipeline.defaults().frames()),
                                resized.get(0))
                        : resized,
                source.strength());
    }

    private RenderedAs as(RenderJob job, FrameSize size, Recording recording) {
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
        pipeline.close();
    }
}
