package io.kinora.video;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.global.avutil;

/** Single pictures: PNG and JPEG written, PNG, JPEG and WebP read, thumbnails, contact sheets. Safe for use by several threads. */
public final class StillImage {
    /** FF_QP2LAMBDA: the encoder's quality is told in these. */
    private static final int LAMBDA_PER_QUANTIZER = 118;

    private static final int BEST_JPEG_QUANTIZER = 2;
    private static final int WORST_JPEG_QUANTIZER = 31;
    private static final int FULL_COLOUR_QUALITY = 90;
    private static final int GAP = 4;
    private static final byte PAPER = (byte) 24;
    private static final int MOST_COLUMNS = 64;

    private StillImage() {}

    /** The frame as a PNG file, without loss. */
    public static byte[] png(RgbFrame frame) {
        return encode(
                frame,
                new EncoderSpec(
                        "PNG",
                        Map.of("png", Map.of()),
                        avutil.AV_PIX_FMT_RGB24,
                        avutil.AVCOL_SPC_RGB,
                        avutil.AVCOL_RANGE_JPEG,
                        Map.of()));
    }

    /**
     * The frame as a baseline JPEG file; from quality 90 on, colour has the resolution of brightness.
     *
     * @param quality 1 (smallest) to 100 (best)
     * @throws IllegalArgumentException for another quality
     */
    public static byte[] jpeg(RgbFrame frame, int quality) {
        if (quality < 1 || quality > 100) {
            throw new IllegalArgumentException("quality is %d, allowed are 1 to 100".formatted(quality));
        }
        double worseness = (100 - quality) / 99.0;
        long quantizer = Math.round(BEST_JPEG_QUANTIZER + worseness * (WORST_JPEG_QUANTIZER - BEST_JPEG_QUANTIZER));
        Map<String, String> options =
                Map.of("flags", "+qscale", "global_quality", Long.toString(quantizer * LAMBDA_PER_QUANTIZER));
        return encode(
                frame,
                new EncoderSpec(
                        "JPEG",
                        Map.of("mjpeg", options),
                        quality >= FULL_COLOUR_QUALITY ? avutil.AV_PIX_FMT_YUVJ444P : avutil.AV_PIX_FMT_YUVJ420P,
                        avutil.AVCOL_SPC_BT470BG,
                        avutil.AVCOL_RANGE_JPEG,
                        Map.of()));
    }

    /**
     * The picture in a PNG, JPEG or WebP file, turned upright as its EXIF data say; transparency is dropped.
     *
     * @throws UnreadableClipException if the bytes are none of these, or damaged
     * @throws ClipLimitException if there are more bytes or pixels than allowed
     */
    public static RgbFrame decode(byte[] file, DecodeLimits limits) {
        return StillImageDecoder.decode(file, limits);
    }

    /**
     * The picture of a source. Errors as {@link #decode(byte[], DecodeLimits)}.
     *
     * @throws VideoException if the source cannot be fetched or read
     */
    public static RgbFrame decode(VideoSource source, DecodeLimits limits) {
        try (SourceBytes bytes = SourceBytes.of(source, limits);
                InputStream stream = bytes.read()) {
            return decode(stream.readAllBytes(), limits);
        } catch (IOException e) {
            throw new UnreadableClipException("%s can no longer be read: %s".formatted(source.name(), e), e);
        }
    }

    /** The frame made to lie within a box, in its own shape; never enlarged. */
    public static RgbFrame thumbnail(RgbFrame frame, int maxWidth, int maxHeight) {
        return FrameResizer.likePil(
                frame, FrameSize.of(frame).within(maxWidth, maxHeight), FrameResizer.Filter.BICUBIC);
    }

    /**
     * Thumbnails of all frames side by side, row by row, each at most {@code cellWidth} wide, on dark paper.
     *
     * @throws IllegalArgumentException if there are no frames, or columns are not 1 to 64
     */
    public static RgbFrame contactSheet(List<RgbFrame> frames, int columns, int cellWidth) {
        if (frames.isEmpty() || columns < 1 || columns > MOST_COLUMNS) {
            throw new IllegalArgumentException("a contact sheet has frames and 1 to %d columns, got %d and %d"
                    .formatted(MOST_COLUMNS, frames.size(), columns));
        }
        List<RgbFrame> cells = frames.stream()
                .map(frame -> thumbnail(frame, cellWidth, Integer.MAX_VALUE))
                .toList();
        int across = Math.min(columns, cells.size());
        int rows = (cells.size() + across - 1) / across;
        int cellHeight = cells.stream().mapToInt(RgbFrame::height).max().getAsInt();
        int usedWidth = cells.stream().mapToInt(RgbFrame::width).max().getAsInt();
        int width = across * (usedWidth + GAP) + GAP;
        int height = rows * (cellHeight + GAP) + GAP;
        byte[] sheet = new byte[RgbFrame.byteCount(width, height)];
        Arrays.fill(sheet, PAPER);
        for (int i = 0; i < cells.size(); i++) {
            RgbFrame cell = cells.get(i);
            int left = GAP + i % across * (usedWidth + GAP);
            int top = GAP + i / across * (cellHeight + GAP);
            for (int y = 0; y < cell.height(); y++) {
                System.arraycopy(
                        cell.array(), y * cell.width() * 3, sheet, ((top + y) * width + left) * 3, cell.width() * 3);
            }
        }
        return RgbFrame.wrap(width, height, sheet);
    }

    private static byte[] encode(RgbFrame frame, EncoderSpec spec) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (PictureEncoder encoder = PictureEncoder.open(spec, Rational.ONE, frame.width(), frame.height(), false)) {
            encoder.push(frame, 0, packet -> append(packet, file));
            encoder.finish(packet -> append(packet, file));
        }
        return file.toByteArray();
    }

    private static void append(AVPacket packet, ByteArrayOutputStream file) {
        byte[] bytes = new byte[packet.size()];
        packet.data().get(bytes);
        file.writeBytes(bytes);
    }
}
