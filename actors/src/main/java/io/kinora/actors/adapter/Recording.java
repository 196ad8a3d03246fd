package io.kinora.actors.adapter;

import akka.util.ByteString;
import io.kinora.actors.shard.ClipDecoder;
import io.kinora.actors.shard.RenderedAs;
import io.kinora.decoder.pipeline.GenerationListener;
import io.kinora.decoder.pipeline.PixelFrame;
import io.kinora.decoder.pipeline.StepProgress;
import io.kinora.tensor.Tensor;
import io.kinora.video.RgbFrame;
import io.kinora.video.StillImage;
import io.kinora.video.VideoException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;

/** Passes steps on, and frames to the encoder, which works on another thread, one frame after the other. Takes the time of each stage. */
final class Recording implements GenerationListener {
    /** A preview shows at most so many frames: enough to see whether and how things move. */
    private static final int PREVIEW_FRAMES = 8;

    private static final int PREVIEW_COLUMNS = 4;
    private static final int PREVIEW_WIDTH = 96;
    private static final int PREVIEW_QUALITY = 75;

    private final FrameFiles files;
    private final ClipDecoder.Progress progress;
    private final int previews;
    private final Executor encoding;
    private final long started = System.nanoTime();
    private long prompted = started;
    private long denoised = started;
    private long decoded = started;
    private long finished = started;
    private long encodingNanos; // written by one encoding task after the other, read after the last
    private int evaluations;
    private int frames;
    private CompletableFuture<Void> written = CompletableFuture.completedFuture(null);

    /** @param previews most of them */
    Recording(FrameFiles files, ClipDecoder.Progress progress, int previews, Executor encoding) {
        this.files = files;
        this.progress = progress;
        this.previews = previews;
        this.encoding = encoding;
    }

    @Override
    public void prompted() {
        prompted = System.nanoTime();
    }

    @Override
    public void stepped(StepProgress step) {
        evaluations = step.done();
        progress.stepped(step.done(), step.total());
        int every = Math.max(1, (step.total() + previews) / (previews + 1));
        if (previews > 0 && step.done() % every == 0 && step.done() < step.total()) {
            progress.previewed(step.done(), () -> picture(step.preview()));
        }
    }

    private static ByteString picture(List<PixelFrame> pictures) {
        int shown = Math.min(PREVIEW_FRAMES, pictures.size());
        List<RgbFrame> some = IntStream.range(0, shown)
                .mapToObj(i -> rgb(pictures.get((2 * i + 1) * pictures.size() / (2 * shown))))
                .toList();
        RgbFrame sheet = shown == 1 ? some.get(0) : StillImage.contactSheet(some, PREVIEW_COLUMNS, PREVIEW_WIDTH);
        return ByteString.fromArrayUnsafe(StillImage.jpeg(sheet, PREVIEW_QUALITY));
    }

    @Override
    public void denoised(Tensor latents) {
        denoised = System.nanoTime();
    }

    @Override
    public void frame(int index, Tensor pixels) {
        RgbFrame picture = rgb(PixelFrame.of(pixels));
        written = written.thenRunAsync(() -> encode(picture), encoding);
        decoded = System.nanoTime();
        frames++;
    }

    private void encode(RgbFrame picture) {
        long begin = System.nanoTime();
        files.push(picture);
        encodingNanos += System.nanoTime() - begin;
    }

    private static RgbFrame rgb(PixelFrame frame) {
        byte[] bytes = new byte[frame.rgb().remaining()];
        frame.rgb().get(bytes);
        return RgbFrame.of(frame.width(), frame.height(), bytes);
    }

    /** Waits until no frame is being encoded. */
    void settle() {
        written.exceptionally(failure -> null).join();
    }

    List<ByteString> finish() throws IOException {
        try {
            written.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof VideoException cause) {
                throw cause;
            }
            throw e;
        }
        List<ByteString> made = files.finish();
        finished = System.nanoTime();
        return made;
    }

    int evaluations() {
        return evaluations;
    }

    int frames() {
        return frames;
    }

    RenderedAs.Times times() {
        return new RenderedAs.Times(
                Duration.ZERO,
                Duration.ofNanos(prompted - started),
                Duration.ofNanos(denoised - prompted),
                Duration.ofNanos(decoded - denoised),
                Duration.ofNanos(encodingNanos),
                Duration.ofNanos(finished - decoded));
    }
}
