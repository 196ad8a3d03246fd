package io.kinora.video;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;

/** Turns RGB frames of one size into pictures for an encoder. A picture larger than its frame repeats the frame's last column and row. */
final class FramePainter implements OpenedParts.Part {
    private static final int FLAGS = swscale.SWS_BICUBIC
            | swscale.SWS_ACCURATE_RND
            | swscale.SWS_FULL_CHR_H_INT
            | swscale.SWS_FULL_CHR_H_INP
            | swscale.SWS_BITEXACT;

    private static final int PLANES = 4;
    /** Room behind the last row, which vector code may read. */
    private static final int SLACK = 256;

    private final int width;
    private final int height;
    private final BytePointer rgb;
    private final SwsContext context;

    /** For pictures of a size, {@code AV_PIX_FMT_…}, {@code AVCOL_SPC_…} and {@code AVCOL_RANGE_…}. */
    FramePainter(int width, int height, int pixelFormat, int matrix, int range) {
        this.width = width;
        this.height = height;
        this.rgb = new BytePointer((long) width * height * 3 + SLACK);
        this.context = swscale.sws_getContext(
                width, height, avutil.AV_PIX_FMT_RGB24, width, height, pixelFormat, FLAGS, null, null, (DoublePointer)
                        null);
        if (context == null || context.isNull()) {
            rgb.close();
            throw new VideoEncodeException("frames cannot be converted from RGB to %s"
                    .formatted(Ffmpeg.name(avutil.av_get_pix_fmt_name(pixelFormat))));
        }
        swscale.sws_setColorspaceDetails(
                context,
                swscale.sws_getCoefficients(swscale.SWS_CS_DEFAULT),
                1,
                swscale.sws_getCoefficients(matrix),
                range == avutil.AVCOL_RANGE_JPEG ? 1 : 0,
                0,
                1 << 16,
                1 << 16);
    }

    /** Overwrites the picture, which has the size and format this was made for. */
    void paint(RgbFrame frame, AVFrame picture) {
        byte[] from = frame.array();
        int row = frame.width() * 3;
        byte[] padded = new byte[width * 3];
        for (int y = 0; y < height; y++) {
            System.arraycopy(from, Math.min(y, frame.height() - 1) * row, padded, 0, row);
            for (int x = row; x < padded.length; x++) {
                padded[x] = padded[x - 3];
            }
            rgb.position((long) y * padded.length).put(padded);
        }
        rgb.position(0);
        try (PointerPointer<BytePointer> source = new PointerPointer<>(PLANES);
                IntPointer sourceStride = new IntPointer(PLANES)) {
            for (int plane = 0; plane < PLANES; plane++) {
                source.put(plane, plane == 0 ? rgb : null);
                sourceStride.put(plane, plane == 0 ? padded.length : 0);
            }
            swscale.sws_scale(context, source, sourceStride, 0, height, picture.data(), picture.linesize());
        }
    }

    @Override
    public void close() {
        swscale.sws_freeContext(context);
        rgb.close();
    }
}
