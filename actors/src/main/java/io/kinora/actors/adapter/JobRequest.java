package io.kinora.actors.adapter;

import io.kinora.actors.shard.RenderJob;
import io.kinora.actors.shard.RenderSettings;
import io.kinora.decoder.pipeline.DiffusionPipeline;
import io.kinora.decoder.pipeline.GenerationRequest;
import io.kinora.decoder.pipeline.OutputFormat;
import io.kinora.decoder.pipeline.PixelFrame;
import io.kinora.decoder.pipeline.Prompt;
import io.kinora.decoder.pipeline.RequestLimits;
import io.kinora.decoder.pipeline.SourceClip;
import io.kinora.decoder.schedule.SamplerKind;
import io.kinora.tensor.Tensor;
import io.kinora.video.FrameResizer;
import io.kinora.video.FrameSize;
import io.kinora.video.RgbFrame;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** A decoder's job in the words of a pipeline. Stateless. */
public final class JobRequest {
    private static final int CHANNELS = 3;

    private JobRequest() {}

    /**
     * What is asked for, checked as far as that goes without knowing the pipeline: before anything is computed for it.
     *
     * @throws IllegalArgumentException if a value is not allowed
     */
    public static void check(RenderSettings settings, RequestLimits limits) {
        GenerationRequest.Builder request =
                settled(GenerationRequest.of(new Prompt.Text("", Optional.empty())), settings);
        settings.frames().ifPresent(request::frames);
        limits.check(request.build());
    }

    /**
     * The request of a job; it reads the job's tensors, and may hold views of them in the scope that is open.
     *
     * @throws IllegalArgumentException if a value is not allowed
     */
    static GenerationRequest of(RenderJob job, DiffusionPipeline pipeline) {
        RenderSettings settings = job.settings();
        GenerationRequest.Builder request = settled(GenerationRequest.of(prompt(job.subject(), pipeline)), settings);
        frames(job, pipeline).ifPresent(request::frames);
        job.source().map(source -> source(job, source, pipeline)).ifPresent(request::source);
        return request.build();
    }

    /** All but the frames. */
    private static GenerationRequest.Builder settled(GenerationRequest.Builder request, RenderSettings settings) {
        request.fps(settings.fps())
                .guidanceRescale(settings.guidanceRescale())
                .seed(settings.seed())
                .format(OutputFormat.valueOf(settings.format().name()));
        settings.size().ifPresent(size -> request.size(size.width(), size.height()));
        settings.steps().ifPresent(request::steps);
        settings.guidance().ifPresent(request::guidance);
        settings.sampler().map(SamplerKind::parse).ifPresent(request::sampler);
        return request;
    }

    private static Prompt prompt(RenderJob.Subject subject, DiffusionPipeline pipeline) {
        if (subject instanceof RenderJob.Watched watched) {
            Tensor seen = watched.embeddings(); // [F, n, W]
            // For a clip every frame that was taken is a key frame, in order: [F·n, W].
            Tensor prompt = pipeline.makesClips() ? seen.reshape(-1, seen.dim(-1)) : seen;
            return new Prompt.Embeddings(prompt, watched.negative());
        }
        if (subject instanceof RenderJob.Visual visual) {
            return new Prompt.Embeddings(visual.embeddings(), visual.negative());
        }
        RenderJob.Words words = (RenderJob.Words) subject;
        return new Prompt.Text(words.prompt(), words.negative());
    }

    /** As many as asked for; of a clip that was watched by a decoder of pictures, one for each of its frames. */
    private static OptionalInt frames(RenderJob job, DiffusionPipeline pipeline) {
        boolean picturesOfClip = job.subject() instanceof RenderJob.Watched && !pipeline.makesClips();
        if (picturesOfClip) {
            return OptionalInt.of(
                    (int) ((RenderJob.Watched) job.subject()).embeddings().dim(0));
        }
        return job.settings().frames().map(OptionalInt::of).orElseGet(OptionalInt::empty);
    }

    /** The source in the size of the result; a picture stands for a clip that stands still. */
    private static SourceClip source(RenderJob job, RenderJob.Source source, DiffusionPipeline pipeline) {
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
}
