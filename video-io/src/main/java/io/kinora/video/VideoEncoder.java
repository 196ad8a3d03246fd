package io.kinora.video;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Writes frames, pushed one at a time, as a video file.
 *
 * <p>The first frame sets the size. H.264 and VP9 with yuv420p need even sides: an odd side gets one more column or row,
 * a copy of its last. The same frames with the same settings give the same bytes on the same machine. The file appears
 * at its path when {@link #finish()} is done, whole; until then it is written beside it, and is removed if this is closed
 * early.
 *
 * <p>Holds native memory: close it. Not safe for use by several threads at once, but each call may come from another.
 */
public final class VideoEncoder implements AutoCloseable {
    /** OpenH264 takes no picture below 16×16, which is what this becomes. */
    private static final int SHORTEST_SIDE = 15;

    private final UnfinishedFile file;
    private final EncodeSettings settings;
    private Optional<Writing> writing = Optional.empty();
    private int frames;
    private boolean finished;

    /** What exists once the size is known. */
    private record Writing(int width, int height, PictureEncoder encoder, Muxer muxer) {}

    private VideoEncoder(UnfinishedFile file, EncodeSettings settings) {
        this.file = file;
        this.settings = settings;
    }

    /**
     * Writes to a file, which is replaced if it exists; its folder must exist.
     *
     * @throws VideoEncodeException if nothing can be written there
     */
    public static VideoEncoder open(Path file, EncodeSettings settings) {
        return new VideoEncoder(UnfinishedFile.create(file), settings);
    }

    /**
     * The bytes of a video of these frames.
     *
     * @throws IllegalArgumentException if there are none, or they differ in size
     */
    public static byte[] encode(Iterable<RgbFrame> frames, EncodeSettings settings) {
        return UnfinishedFile.bytes("." + settings.format().extension(), file -> {
            try (VideoEncoder encoder = open(file, settings)) {
                frames.forEach(encoder::push);
                encoder.finish();
            }
        });
    }

    /**
     * Encodes the next frame.
     *
     * @throws IllegalArgumentException if it is smaller than 15×15, or has another size than the first
     * @throws IllegalStateException if the video is finished
     * @throws VideoEncodeException if it cannot be encoded or written
     */
    public void push(RgbFrame frame) {
        requireUnfinished();
        if (writing.isEmpty()) {
            writing = Optional.of(start(frame.width(), frame.height()));
        }
        Writing now = writing.get();
        if (frame.width() != now.width || frame.height() != now.height) {
            throw new IllegalArgumentException("frame %d is %d×%d, expected %d×%d as the first"
                    .formatted(frames, frame.width(), frame.height(), now.width, now.height));
        }
        now.encoder.push(frame, frames, packet -> now.muxer.write(packet, now.encoder.context()));
        frames++;
    }

    /** Frames pushed so far. */
    public int frames() {
        return frames;
    }

    /**
     * Completes the file and puts it at its path.
     *
     * @throws IllegalArgumentException if no frame was pushed
     * @throws IllegalStateException if the video is finished already
     * @throws VideoEncodeException if it cannot be written
     */
    public EncodedVideo finish() {
        requireUnfinished();
        Writing now = writing.orElseThrow(
                () -> new IllegalArgumentException("a video has at least one frame, and none was pushed"));
        now.encoder.finish(packet -> now.muxer.write(packet, now.encoder.context()));
        now.muxer.finish();
        release();
        finished = true;
        return new EncodedVideo(
                settings.format(),
                even(now.width),
                even(now.height),
                frames,
                settings.frameRate(),
                file.moveIntoPlace());
    }

    private Writing start(int width, int height) {
        if (width < SHORTEST_SIDE || height < SHORTEST_SIDE) {
            throw new IllegalArgumentException(
                    "a frame of a video is at least 15×15, got %d×%d".formatted(width, height));
        }
        EncoderSpec spec = EncoderSpec.of(settings);
        try (OpenedParts parts = new OpenedParts()) {
            PictureEncoder encoder = parts.keep(PictureEncoder.open(
                    spec, settings.frameRate(), even(width), even(height), Muxer.wantsGlobalHeader(spec.container())));
            Muxer muxer = parts.keep(Muxer.open(file.path(), spec, encoder.context(), settings.metadata()));
            parts.handOver();
            return new Writing(width, height, encoder, muxer);
        }
    }

    private void requireUnfinished() {
        if (finished) {
            throw new IllegalStateException("the video %s is finished".formatted(file.target()));
        }
    }

    private void release() {
        writing.ifPresent(now -> {
            now.muxer.close();
            now.encoder.close();
        });
        writing = Optional.empty();
    }

    private static int even(int side) {
        return side + side % 2;
    }

    /** Frees everything; an unfinished file is removed. */
    @Override
    public void close() {
        release();
        file.close();
    }
}
