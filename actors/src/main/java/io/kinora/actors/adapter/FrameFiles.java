package io.kinora.actors.adapter;

import akka.util.ByteString;
import io.kinora.actors.shard.RenderSettings;
import io.kinora.video.EncodeSettings;
import io.kinora.video.FrameSize;
import io.kinora.video.Rational;
import io.kinora.video.RgbFrame;
import io.kinora.video.StillImage;
import io.kinora.video.VideoEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Frames on their way to files: one clip, or a picture each. Used by one thread at a time. */
interface FrameFiles extends AutoCloseable {
    /** Encodes the next frame. */
    void push(RgbFrame frame);

    /** The finished files, after the last frame. */
    List<ByteString> finish() throws IOException;

    /** Pixels of what is written, known after the first frame; a clip's sides are even. */
    Optional<FrameSize> size();

    @Override
    void close() throws IOException;

    /**
     * Starts files of a job's format.
     *
     * @param scratch folder for a clip in the making
     */
    static FrameFiles open(Path scratch, RenderSettings settings) throws IOException {
        return switch (settings.format()) {
            case MP4 -> new ClipFile(scratch, settings.format(), EncodeSettings.mp4(Rational.of(settings.fps(), 1)));
            case WEBM -> new ClipFile(scratch, settings.format(), EncodeSettings.webm(Rational.of(settings.fps(), 1)));
            case PNG, JPEG -> new PictureFiles(settings.format() == RenderSettings.Format.PNG);
        };
    }

    /** One clip of all frames. */
    final class ClipFile implements FrameFiles {
        private final Path file;
        private final VideoEncoder encoder;
        private Optional<FrameSize> size = Optional.empty();

        ClipFile(Path scratch, RenderSettings.Format format, EncodeSettings settings) throws IOException {
            Files.createDirectories(scratch);
            file = Files.createTempFile(scratch, "clip", format.suffix());
            encoder = VideoEncoder.open(file, settings);
        }

        @Override
        public void push(RgbFrame frame) {
            size = Optional.of(new FrameSize(even(frame.width()), even(frame.height())));
            encoder.push(frame);
        }

        private static int even(int side) {
            return side + side % 2;
        }

        @Override
        public List<ByteString> finish() throws IOException {
            encoder.finish();
            return List.of(ByteString.fromArrayUnsafe(Files.readAllBytes(file)));
        }

        @Override
        public Optional<FrameSize> size() {
            return size;
        }

        @Override
        public void close() throws IOException {
            encoder.close();
            Files.deleteIfExists(file);
        }
    }

    /** A picture of each frame. */
    final class PictureFiles implements FrameFiles {
        private static final int QUALITY = 92;

        private final boolean lossless;
        private final List<ByteString> files = new ArrayList<>();
        private Optional<FrameSize> size = Optional.empty();

        PictureFiles(boolean lossless) {
            this.lossless = lossless;
        }

        @Override
        public void push(RgbFrame frame) {
            size = Optional.of(FrameSize.of(frame));
            files.add(ByteString.fromArrayUnsafe(lossless ? StillImage.png(frame) : StillImage.jpeg(frame, QUALITY)));
        }

        @Override
        public List<ByteString> finish() {
            return List.copyOf(files);
        }

        @Override
        public Optional<FrameSize> size() {
            return size;
        }

        @Override
        public void close() {
            files.clear();
        }
    }
}
