package io.kinora.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameConverterTest {
    private static final int INTERLACED = 1 << 3;

    /** kr and kb are the matrix's luma weights of red and blue. */
    @ParameterizedTest(name = "matrix {0}, range {1}, {2} rows")
    @CsvSource({
        "1, 1, 64, 0.2126, 0.0722", // BT.709, limited
        "1, 2, 64, 0.2126, 0.0722", // BT.709, full
        "5, 1, 64, 0.299, 0.114", // BT.601 (PAL), limited
        "6, 2, 64, 0.299, 0.114", // BT.601 (NTSC), full
        "9, 1, 64, 0.2627, 0.0593", // BT.2020, limited
        "2, 1, 64, 0.299, 0.114", // not told, small
        "2, 0, 720, 0.2126, 0.0722", // not told, large
    })
    void colourFollowsTheMatrixAndRangeOfThePicture(int matrix, int range, int rows, double kr, double kb) {
        int[][] colours = {{81, 90, 240}, {145, 54, 34}, {41, 240, 110}, {128, 128, 128}, {200, 100, 150}};
        for (int[] yuv : colours) {
            AVFrame picture = picture(avutil.AV_PIX_FMT_YUV420P, 64, rows);
            picture.colorspace(matrix);
            picture.color_range(range);
            fill(picture, 0, yuv[0], rows);
            fill(picture, 1, yuv[1], rows / 2);
            fill(picture, 2, yuv[2], rows / 2);
            boolean full = range == avutil.AVCOL_RANGE_JPEG;
            double y = full ? yuv[0] / 255.0 : (yuv[0] - 16) / 219.0;
            double cb = full ? (yuv[1] - 128) / 255.0 : (yuv[1] - 128) / 224.0;
            double cr = full ? (yuv[2] - 128) / 255.0 : (yuv[2] - 128) / 224.0;
            double red = y + 2 * (1 - kr) * cr;
            double blue = y + 2 * (1 - kb) * cb;
            double green = (y - kr * red - kb * blue) / (1 - kr - kb);
            assertColour(convert(picture), red, green, blue);
        }
    }

    @Test
    void tenBitsAreRoundedToEight() {
        AVFrame picture = picture(avutil.AV_PIX_FMT_YUV420P10LE, 32, 16);
        picture.colorspace(avutil.AVCOL_SPC_BT709);
        picture.color_range(avutil.AVCOL_RANGE_MPEG);
        int luma = 64 + 438; // half of 876 steps
        for (int plane = 0; plane < 3; plane++) {
            int rows = plane == 0 ? 16 : 8;
            int value = plane == 0 ? luma : 512;
            for (int i = 0; i < picture.linesize(plane) * rows; i += 2) {
                picture.data(plane).put(i, (byte) value).put(i + 1, (byte) (value >> 8));
            }
        }
        assertColour(convert(picture), 0.5, 0.5, 0.5);
    }

    @Test
    void transparencyIsDropped() {
        AVFrame picture = picture(avutil.AV_PIX_FMT_RGBA, 8, 4);
        for (int i = 0; i < picture.linesize(0) * 4; i += 4) {
            picture.data(0)
                    .put(i, (byte) 10)
                    .put(i + 1, (byte) 200)
                    .put(i + 2, (byte) 30)
                    .put(i + 3, (byte) 0);
        }
        RgbFrame frame = convert(picture);
        assertThat(new int[] {frame.sample(3, 2, 0), frame.sample(3, 2, 1), frame.sample(3, 2, 2)})
                .containsExactly(10, 200, 30);
    }

    @Test
    void theFieldsOfAnInterlacedPictureKeepTheirOwnColours() {
        AVFrame picture = picture(avutil.AV_PIX_FMT_YUV420P, 32, 16);
        picture.colorspace(avutil.AVCOL_SPC_SMPTE170M);
        picture.color_range(avutil.AVCOL_RANGE_MPEG);
        picture.flags(picture.flags() | INTERLACED);
        // Even rows are red and odd rows blue, in brightness and, row by row, in chroma.
        for (int y = 0; y < 16; y++) {
            fillRow(picture, 0, y, y % 2 == 0 ? 81 : 41);
        }
        for (int y = 0; y < 8; y++) {
            fillRow(picture, 1, y, y % 2 == 0 ? 90 : 240);
            fillRow(picture, 2, y, y % 2 == 0 ? 240 : 110);
        }
        RgbFrame frame = convert(picture);
        for (int y = 0; y < 16; y++) {
            assertThat(frame.sample(15, y, 0)).isCloseTo(y % 2 == 0 ? 255 : 0, within(3));
            assertThat(frame.sample(15, y, 2)).isCloseTo(y % 2 == 0 ? 0 : 255, within(3));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 7", "7, 1", "33, 17", "3, 2"})
    void oddSizesAreConvertedToTheLastColumnAndRow(int width, int height) {
        AVFrame picture = picture(avutil.AV_PIX_FMT_YUV420P, width, height);
        picture.color_range(avutil.AVCOL_RANGE_MPEG);
        fill(picture, 0, 235, height);
        fill(picture, 1, 128, (height + 1) / 2);
        fill(picture, 2, 128, (height + 1) / 2);
        RgbFrame frame = convert(picture);
        assertThat(frame.width()).isEqualTo(width);
        assertThat(frame.height()).isEqualTo(height);
        for (byte value : frame.toByteArray()) {
            assertThat(value & 0xff).isGreaterThanOrEqualTo(254);
        }
    }

    private static RgbFrame convert(AVFrame picture) {
        try (FrameConverter converter = new FrameConverter("test", DecodeLimits.defaults(), Orientation.UPRIGHT)) {
            return converter.convert(picture);
        } finally {
            avutil.av_frame_free(picture);
        }
    }

    private static AVFrame picture(int format, int width, int height) {
        Ffmpeg.load();
        AVFrame picture = avutil.av_frame_alloc();
        picture.format(format);
        picture.width(width);
        picture.height(height);
        avutil.av_frame_get_buffer(picture, 0);
        return picture;
    }

    private static void fill(AVFrame picture, int plane, int value, int rows) {
        for (int y = 0; y < rows; y++) {
            fillRow(picture, plane, y, value);
        }
    }

    private static void fillRow(AVFrame picture, int plane, int row, int value) {
        byte[] bytes = new byte[picture.linesize(plane)];
        java.util.Arrays.fill(bytes, (byte) value);
        BytePointer data = picture.data(plane);
        data.position((long) row * bytes.length).put(bytes);
    }

    private static void assertColour(RgbFrame frame, double red, double green, double blue) {
        double[] expected = {red, green, blue};
        for (int c = 0; c < 3; c++) {
            int value = (int) Math.round(255 * Math.max(0, Math.min(1, expected[c])));
            assertThat(frame.sample(frame.width() / 2, frame.height() / 2, c))
                    .as("channel %d", c)
                    .isCloseTo(value, within(1));
        }
    }
}
