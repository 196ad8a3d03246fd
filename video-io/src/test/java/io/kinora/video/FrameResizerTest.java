package io.kinora.video;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.video.FrameResizer.Filter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FrameResizerTest {
    /** A millionth of the range: what float32 sums in another order may differ by. */
    private static final float FLOAT_ROUNDING = 255 * 1e-6f;

    private static final byte[] DATA = resource("cases.bin");

    /** A line of cases.csv. */
    record Case(String kind, String filter, int width, int height, String offsetOrDigest, int length) {
        FrameSize size() {
            return new FrameSize(width, height);
        }

        byte[] bytes() {
            int offset = Integer.parseInt(offsetOrDigest);
            return Arrays.copyOfRange(DATA, offset, offset + length);
        }

        Filter resizeFilter() {
            return Filter.valueOf(filter.toUpperCase(Locale.ROOT));
        }
    }

    static List<Case> cases() {
        return new String(resource("cases.csv"), StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.split(","))
                .map(f -> new Case(
                        f[0], f[1], Integer.parseInt(f[2]), Integer.parseInt(f[3]), f[4], Integer.parseInt(f[5])))
                .toList();
    }

    static Stream<Case> pil() {
        return cases().stream().filter(c -> c.kind().equals("pil"));
    }

    static Stream<Case> pilDigests() {
        return cases().stream().filter(c -> c.kind().equals("pil-sha256"));
    }

    static Stream<Case> torch() {
        return cases().stream().filter(c -> c.kind().startsWith("torch"));
    }

    @ParameterizedTest
    @MethodSource("pil")
    void resizesAsPillowDoesByteForByte(Case expected) {
        RgbFrame resized = FrameResizer.likePil(input(), expected.size(), expected.resizeFilter());
        assertThat(resized.toByteArray()).isEqualTo(expected.bytes());
    }

    @ParameterizedTest
    @MethodSource("pilDigests")
    void resizesLargePicturesAsPillowDoesByteForByte(Case expected) throws Exception {
        RgbFrame resized = FrameResizer.likePil(pattern(641, 359), expected.size(), expected.resizeFilter());
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(resized.toByteArray());
        assertThat(HexFormat.of().formatHex(digest)).isEqualTo(expected.offsetOrDigest());
    }

    @ParameterizedTest
    @MethodSource("torch")
    void resizesAsTorchDoesWithinFloatRounding(Case expected) {
        FloatFrame resized = expected.kind().equals("torch")
                ? FrameResizer.likeTorch(input(), expected.size(), expected.resizeFilter())
                : FrameResizer.likeTorchAntialiased(input(), expected.size(), expected.resizeFilter());
        FloatBuffer values =
                ByteBuffer.wrap(expected.bytes()).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        assertThat(resized.values().remaining()).isEqualTo(values.remaining());
        float worst = 0;
        for (int i = 0; i < values.remaining(); i++) {
            worst = Math.max(worst, Math.abs(values.get(i) - resized.values().get(i)));
        }
        assertThat(worst).isLessThan(FLOAT_ROUNDING);
    }

    @Test
    void thereAreCasesOfEachKind() {
        assertThat(pil()).hasSize(10);
        assertThat(pilDigests()).hasSize(6);
        assertThat(torch()).hasSize(20);
    }

    @Property(tries = 100)
    void aFlatPictureStaysFlat(
            @ForAll @IntRange(min = 1, max = 40) int width,
            @ForAll @IntRange(min = 1, max = 40) int newWidth,
            @ForAll @IntRange(min = 1, max = 40) int newHeight,
            @ForAll Filter filter,
            @ForAll byte value) {
        byte[] pixels = new byte[width * 13 * 3];
        Arrays.fill(pixels, value);
        RgbFrame frame = RgbFrame.of(width, 13, pixels);
        FrameSize size = new FrameSize(newWidth, newHeight);
        assertThat(FrameResizer.likePil(frame, size, filter).toByteArray()).containsOnly(value);
        assertThat(FrameResizer.likeTorch(frame, size, filter).toRgb().toByteArray())
                .containsOnly(value);
        assertThat(FrameResizer.likeTorchAntialiased(frame, size, filter)
                        .toRgb()
                        .toByteArray())
                .containsOnly(value);
    }

    @Test
    void roundingToBytesGoesToEvenAndIsClamped() {
        FloatFrame frame = FloatFrame.wrap(2, 1, new float[] {0.5f, 1.5f, 254.5f, -3f, 300f, 99.6f});
        assertThat(frame.toRgb().toByteArray())
                .containsExactly((byte) 0, (byte) 2, (byte) 254, (byte) 0, (byte) 255, (byte) 100);
    }

    @Test
    void theShortSideDecidesAsInTorchvision() {
        assertThat(new FrameSize(640, 360).withShortSide(224)).isEqualTo(new FrameSize(398, 224));
        assertThat(new FrameSize(360, 640).withShortSide(224)).isEqualTo(new FrameSize(224, 398));
        assertThat(new FrameSize(100, 100).withShortSide(448)).isEqualTo(new FrameSize(448, 448));
    }

    @Test
    void theCentreCropRoundsOddMarginsToEven() {
        RgbFrame frame = pattern(9, 7);
        assertThat(frame.centerCrop(4, 4)).isEqualTo(frame.crop(2, 2, 4, 4)); // margins 2.5 and 1.5
        assertThat(frame.centerCrop(9, 7)).isEqualTo(frame);
    }

    private static RgbFrame input() {
        Case input = cases().get(0);
        return RgbFrame.of(input.width(), input.height(), input.bytes());
    }

    /** What pattern() in tools/video-io/make_resize_cases.py paints, too. */
    private static RgbFrame pattern(int width, int height) {
        byte[] pixels = new byte[width * height * 3];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < 3; c++) {
                    int value = x * (3 + c) + y * (7 - 2 * c) + x * y / (5 + c) + 91 * ((x / 16 + y / 16) % 2);
                    pixels[(y * width + x) * 3 + c] = (byte) value;
                }
            }
        }
        return RgbFrame.of(width, height, pixels);
    }

    private static byte[] resource(String name) {
        try (InputStream stream = FrameResizerTest.class.getResourceAsStream("resize/" + name)) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
