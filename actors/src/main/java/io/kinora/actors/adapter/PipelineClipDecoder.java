package io.kinora.actors.adapter;

import akka.util.ByteString;
import io.kinora.actors.shard.ClipDecoder;
import io.kinora.actors.shard.DecoderHost;
import io.kinora.actors.shard.NotRenderedException;
import io.kinora.actors.shard.RenderJob;
import io.kinora.actors.shard.RenderedAs;
import io.kinora.decoder.pipeline.DiffusionPipeline;
import io.kinora.decoder.pipeline.GenerationCancelledException;
import io.kinora.decoder.pipeline.GenerationDefaults;
import io.kinora.decoder.pipeline.GenerationListener;
import io.kinora.decoder.pipeline.GenerationRequest;
import io.kinora.decoder.pipeline.InsufficientMemoryException;
import io.kinora.decoder.pipeline.OutputFormat;
import io.kinora.decoder.pipeline.PixelFrame;
import io.kinora.decoder.pipeline.Prompt;
import io.kinora.decoder.pipeline.StepProgress;
import io.kinora.decoder.schedule.SamplerKind;
import io.kinora.tensor.Tensor;
import io.kinora.video.EncodeSettings;
import io.kinora.video.EncodedVideo;
import io.kinora.video.Rational;
import io.kinora.video.RgbFrame;
import io.kinora.video.VideoEncoder;
import io.kinora.video.VideoException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/** A {@link DiffusionPipeline} whose frames become a video while the next ones are still being decoded. */
public final class PipelineClipDecoder implements ClipDecoder {
    private final DiffusionPipeline pipeline;
    private final Path scratch;
    private final Executor encoding;

    /**
     * Owns the pipeline.
     *
     * @param scratch folder for files in the making
     * @param encoding runs FFmpeg
     */
    public PipelineClipDecoder(DiffusionPipeline pipeline, Path scratch, Executor encoding) {
        this.pipeline = pipeline;
        this.scratch = scratch;
        this.encoding = encoding;
    }

    @Override
    public Result decode(RenderJob job, Progress progress) {
        try {
            Files.createDirectories(scratch);
            Path file = Files.createTempFile(scratch, "clip", job.format() == RenderJob.Format.MP4 ? ".mp4" : ".webm");
            try (VideoEncoder encoder = VideoEncoder.open(file, settings(job))) {
                Recording recording = new Recording(encoder, progress);
                try {
                    pipeline.generate(request(job), recording, progress::isStopped);
                } finally {
                    recording.settle(); // the encoder must not be closed under a frame
                }
                EncodedVideo video = recording.finish();
                return new Result(ByteString.fromArray(Files.readAllBytes(file)), made(job, video, recording));
            } finally {
                Files.deleteIfExists(file);
            }
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

    private static EncodeSettings settings(RenderJob job) {
        Rational rate = Rational.of(job.fps(), 1);
        return job.format() == RenderJob.Format.MP4 ? EncodeSettings.mp4(rate) : EncodeSettings.webm(rate);
    }

    private static GenerationRequest request(RenderJob job) {
        GenerationRequest.Builder request = GenerationRequest.of(prompt(job.subject()))
                .fps(job.fps())
                .seed(job.seed())
                .format(job.format() == RenderJob.Format.MP4 ? OutputFormat.MP4 : OutputFormat.WEBM);
        job.frames().ifPresent(request::frames);
        job.size().ifPresent(size -> request.size(size.width(), size.height()));
        job.steps().ifPresent(request::steps);
        job.guidance().ifPresent(request::guidance);
        job.sampler().map(SamplerKind::parse).ifPresent(request::sampler);
        return request.build();
    }

    private static Prompt prompt(RenderJob.Subject subject) {
        if (subject instanceof RenderJob.Words words) {
            return new Prompt.Text(words.prompt(), words.negative());
        }
        RenderJob.Visual visual = (RenderJob.Visual) subject;
        return new Prompt.Embeddings(visual.embeddings(), visual.negative());
    }

    private RenderedAs made(RenderJob job, EncodedVideo video, Recording recording) {
        GenerationDefaults defaults = pipeline.defaults();
        return new RenderedAs(
                video.frames(),
                video.width(),
                video.height(),
                job.steps().orElse(defaults.steps()),
                job.guidance().orElse(defaults.guidance()),
                job.sampler().orElse("checkpoint"),
                recording.denoising(),
                recording.decoding());
    }

    @Override
    public void close() {
        pipeline.close();
    }

    /** Passes steps on and frames to the encoder, which works on another thread, one frame after the other. */
    private final class Recording implements GenerationListener {
        private final VideoEncoder encoder;
        private final Progress progress;
        private final long started = System.nanoTime();
        private long denoised = started;
        private long finished = started;
        private CompletableFuture<Void> written = CompletableFuture.completedFuture(null);

        Recording(VideoEncoder encoder, Progress progress) {
            this.encoder = encoder;
            this.progress = progress;
        }

        @Override
        public void stepped(StepProgress step) {
            progress.stepped(step.done(), step.total());
        }

        @Override
        public void denoised(Tensor latents) {
            denoised = System.nanoTime();
        }

        @Override
        public void frame(int index, Tensor pixels) {
            PixelFrame frame = PixelFrame.of(pixels);
            byte[] rgb = new byte[frame.rgb().remaining()];
            frame.rgb().get(rgb);
            RgbFrame picture = RgbFrame.of(frame.width(), frame.height(), rgb);
            written = written.thenRunAsync(() -> encoder.push(picture), encoding);
        }

        /** Waits until no frame is being encoded. */
        void settle() {
            written.exceptionally(failure -> null).join();
        }

        EncodedVideo finish() {
            try {
                written.join();
            } catch (CompletionException e) {
                if (e.getCause() instanceof VideoException cause) {
                    throw cause;
                }
                throw e;
            }
            EncodedVideo video = encoder.finish();
            finished = System.nanoTime();
            return video;
        }

        Duration denoising() {
            return Duration.ofNanos(denoised - started);
        }

        Duration decoding() {
            return Duration.ofNanos(finished - denoised);
        }
    }
}
