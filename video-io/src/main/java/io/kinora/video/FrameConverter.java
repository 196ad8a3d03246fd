package io.kinora.video;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVFrameSideData;
import org.bytedeco.ffmpeg.avutil.AVPixFmtDescriptor;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Turns decoded pictures into upright RGB frames. YUV matrix and range are those of the picture; where it does not say,
 * the matrix is BT.709 from 720 rows on and BT.601 below, and the range is limited. Transparency is dropped, high bit
 * depths are rounded to 8, and each field of an interlaced picture gets its own chroma.
 */
final class FrameConverter implements AutoCloseable {
    private static final int HD_ROWS = 720;
    private static final int ROW_ALIGNMENT = 64;
    /** Room behind the last row, which vector code may overwrite. */
    private static final int SLACK = 256;

    private static final int FLAGS = swscale.SWS_BICUBIC
            | swscale.SWS_ACCURATE_RND
            | swscale.SWS_FULL_CHR_H_INT
            | swscale.SWS_FULL_CHR_H_INP
            | swscale.SWS_BITEXACT;

    private static final int PLANES = 4;

    private final String name;
    private final DecodeLimits limits;
    private final Orientation orientation;
    private SwsContext context = new SwsContext(null);
    private Layout prepared = new Layout(0, 0, 0, 0, false);
    private BytePointer target = new BytePointer(1);

    /** What a conversion depends on: rows of one pass, pixel format, YUV matrix and range. */
    private record Layout(int width, int rows, int format, int matrix, boolean fullRange) {}

    /** The orientation is the container's; a picture that carries its own is turned by that. */
    FrameConverter(String name, DecodeLimits limits, Orientation orientation) {
        this.name = name;
        this.limits = limits;
        this.orientation = orientation;
    }

    /** Copies a borrowed picture. */
    RgbFrame convert(AVFrame frame) {
        int width = frame.width();
        int height = frame.height();
        limits.checkPixels(name, width, height);
        int stride = (width * 3 + ROW_ALIGNMENT - 1) / ROW_ALIGNMENT * ROW_ALIGNMENT;
        reserve((long) stride * height + SLACK);
        if (FrameFlag.INTERLACED.in(frame) && height > 1 && height % 2 == 0 && hasSharedRows(frame)) {
            scale(frame, height / 2, 0, 2, stride);
            scale(frame, height / 2, 1, 2, stride);
        } else {
            scale(frame, height, 0, 1, stride);
        }
        byte[] pixels = new byte[RgbFrame.byteCount(width, height)];
        for (int y = 0; y < height; y++) {
            target.position((long) y * stride).get(pixels, y * width * 3, width * 3);
        }
        target.position(0);
        return orientationOf(frame).apply(RgbFrame.wrap(width, height, pixels));
    }

    /** Converts every {@code step}-th row, beginning with {@code first}. */
    private void scale(AVFrame frame, int rows, int first, int step, int stride) {
        prepare(layoutOf(frame, rows));
        try (PointerPointer<BytePointer> from = new PointerPointer<>(PLANES);
                IntPointer fromStride = new IntPointer(PLANES);
                PointerPointer<BytePointer> to = new PointerPointer<>(PLANES);
                IntPointer toStride = new IntPointer(PLANES)) {
            for (int plane = 0; plane < PLANES; plane++) {
                BytePointer data = frame.data(plane);
                int lineSize = frame.linesize(plane);
                boolean used = data != null && !data.isNull() && lineSize != 0;
                if (used && first > 0) {
                    data.position(data.position() + (long) first * lineSize);
                }
                from.put(plane, data);
                fromStride.put(plane, used ? lineSize * step : 0);
                to.put(plane, (BytePointer) null);
                toStride.put(plane, 0);
            }
            to.put(0, target.position((long) first * stride));
            toStride.put(0, stride * step);
            target.position(0);
            int written = swscale.sws_scale(context, from, fromStride, 0, rows, to, toStride);
            if (written != rows) {
                throw new UnreadableClipException("%s has a picture of format %s that cannot be converted to RGB"
                        .formatted(name, Ffmpeg.name(avutil.av_get_pix_fmt_name(frame.format()))));
            }
        }
    }

    private void prepare(Layout layout) {
        if (layout.equals(prepared)) {
            return;
        }
        swscale.sws_freeContext(context);
        context = swscale.sws_getContext(
                layout.width,
                layout.rows,
                layout.format,
                layout.width,
                layout.rows,
                avutil.AV_PIX_FMT_RGB24,
                FLAGS,
                null,
                null,
                (DoublePointer) null);
        if (context == null || context.isNull()) {
            context = new SwsContext(null);
            prepared = new Layout(0, 0, 0, 0, false);
            throw new UnreadableClipException("%s has pictures of format %s, which cannot be converted to RGB"
                    .formatted(name, Ffmpeg.name(avutil.av_get_pix_fmt_name(layout.format))));
        }
        // RGB needs no matrix; FFmpeg says so with an error that means nothing to us.
        swscale.sws_setColorspaceDetails(
                context,
                swscale.sws_getCoefficients(layout.matrix),
                layout.fullRange ? 1 : 0,
                swscale.sws_getCoefficients(swscale.SWS_CS_DEFAULT),
                1,
                0,
                1 << 16,
                1 << 16);
        prepared = layout;
    }

    private static Layout layoutOf(AVFrame frame, int rows) {
        boolean fullRange = frame.color_range() == avutil.AVCOL_RANGE_JPEG;
        int format = frame.format();
        // The J formats are a deprecated way to say full range.
        if (format == avutil.AV_PIX_FMT_YUVJ420P) {
            return new Layout(frame.width(), rows, avutil.AV_PIX_FMT_YUV420P, matrixOf(frame), true);
        }
        if (format == avutil.AV_PIX_FMT_YUVJ422P) {
            return new Layout(frame.width(), rows, avutil.AV_PIX_FMT_YUV422P, matrixOf(frame), true);
        }
        if (format == avutil.AV_PIX_FMT_YUVJ444P) {
            return new Layout(frame.width(), rows, avutil.AV_PIX_FMT_YUV444P, matrixOf(frame), true);
        }
        if (format == avutil.AV_PIX_FMT_YUVJ440P) {
            return new Layout(frame.width(), rows, avutil.AV_PIX_FMT_YUV440P, matrixOf(frame), true);
        }
        if (format == avutil.AV_PIX_FMT_YUVJ411P) {
            return new Layout(frame.width(), rows, avutil.AV_PIX_FMT_YUV411P, matrixOf(frame), true);
        }
        return new Layout(frame.width(), rows, format, matrixOf(frame), fullRange);
    }

    private static int matrixOf(AVFrame frame) {
        return switch (frame.colorspace()) {
            case avutil.AVCOL_SPC_BT709 -> swscale.SWS_CS_ITU709;
            case avutil.AVCOL_SPC_FCC -> swscale.SWS_CS_FCC;
            case avutil.AVCOL_SPC_BT470BG, avutil.AVCOL_SPC_SMPTE170M -> swscale.SWS_CS_ITU601;
            case avutil.AVCOL_SPC_SMPTE240M -> swscale.SWS_CS_SMPTE240M;
            case avutil.AVCOL_SPC_BT2020_NCL, avutil.AVCOL_SPC_BT2020_CL -> swscale.SWS_CS_BT2020;
            default -> frame.height() >= HD_ROWS ? swscale.SWS_CS_ITU709 : swscale.SWS_CS_ITU601;
        };
    }

    /** Whether a row of chroma belongs to two rows of the picture, so that weaving fields would mix their colours. */
    private static boolean hasSharedRows(AVFrame frame) {
        AVPixFmtDescriptor format = avutil.av_pix_fmt_desc_get(frame.format());
        return format != null && format.log2_chroma_h() > 0;
    }

    private Orientation orientationOf(AVFrame frame) {
        AVFrameSideData matrix = avutil.av_frame_get_side_data(frame, avutil.AV_FRAME_DATA_DISPLAYMATRIX);
        return matrix == null || matrix.isNull() ? orientation : matrix(matrix.data());
    }

    /** The orientation that nine 32-bit numbers in native memory stand for. */
    static Orientation matrix(BytePointer data) {
        int[] numbers = new int[9];
        new IntPointer(data).get(numbers);
        return Orientation.ofMatrix(numbers);
    }

    private void reserve(long bytes) {
        if (target.capacity() < bytes) {
            target.close();
            target = new BytePointer(bytes);
        }
    }

    @Override
    public void close() {
        swscale.sws_freeContext(context);
        target.close();
    }
}
