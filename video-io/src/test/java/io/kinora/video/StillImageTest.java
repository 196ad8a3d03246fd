package io.kinora.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StillImageTest {
    private static final DecodeLimits LIMITS = DecodeLimits.defaults();

    @Property(tries = 60)
    void aPngComesBackByteForByte(
            @ForAll @IntRange(min = 1, max = 70) int width,
            @ForAll @IntRange(min = 1, max = 70) int height,
            @ForAll long seed) {
        RgbFrame frame = random(width, height, seed);
        assertThat(StillImage.decode(StillImage.png(frame), LIMITS)).isEqualTo(frame);
    }

    @Test
    void javaReadsThePngWeWriteAndWeReadJavas() throws Exception {
        RgbFrame frame = random(37, 23, 1);
        BufferedImage read = ImageIO.read(new ByteArrayInputStream(StillImage.png(frame)));
        assertThat(read.getWidth()).isEqualTo(37);
        for (int y = 0; y < 23; y++) {
            for (int x = 0; x < 37; x++) {
                int rgb = frame.sample(x, y, 0) << 16 | frame.sample(x, y, 1) << 8 | frame.sample(x, y, 2);
                assertThat(read.getRGB(x, y) & 0xffffff).isEqualTo(rgb);
            }
        }
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        ImageIO.write(read, "png", written);
        assertThat(StillImage.decode(written.toByteArray(), LIMITS)).isEqualTo(frame);
    }

    @Test
    void transparentAndGreyAndIndexedPngsAreRead() throws Exception {
        for (int type : new int[] {
            BufferedImage.TYPE_INT_ARGB,
            BufferedImage.TYPE_BYTE_GRAY,
            BufferedImage.TYPE_BYTE_INDEXED,
            BufferedImage.TYPE_USHORT_GRAY,
            BufferedImage.TYPE_BYTE_BINARY
        }) {
            BufferedImage image = new BufferedImage(9, 5, type);
            for (int x = 0; x < 9; x++) {
                for (int y = 0; y < 5; y++) {
                    image.setRGB(x, y, x > 4 ? 0xffffffff : 0xff000000);
                }
            }
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            ImageIO.write(image, "png", file);
            RgbFrame frame = StillImage.decode(file.toByteArray(), LIMITS);
            assertThat(frame.sample(2, 2, 1)).isEqualTo(0);
            assertThat(frame.sample(7, 2, 1)).isEqualTo(255);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 50, 89, 90, 100})
    void javaReadsTheJpegWeWriteAsWeDo(int quality) throws Exception {
        RgbFrame frame = smooth(75, 41);
        byte[] file = StillImage.jpeg(frame, quality);
        BufferedImage read = ImageIO.read(new ByteArrayInputStream(file));
        RgbFrame decoded = StillImage.decode(file, LIMITS);
        double difference = 0;
        for (int y = 0; y < 41; y++) {
            for (int x = 0; x < 75; x++) {
                int rgb = read.getRGB(x, y);
                difference += Math.abs((rgb >> 16 & 0xff) - decoded.sample(x, y, 0))
                        + Math.abs((rgb >> 8 & 0xff) - decoded.sample(x, y, 1))
                        + Math.abs((rgb & 0xff) - decoded.sample(x, y, 2));
            }
        }
        assertThat(difference / (75 * 41 * 3)).isLessThan(1.5);
        if (quality == 100) {
            assertThat(decoded.sample(30, 20, 0)).isCloseTo(frame.sample(30, 20, 0), within(4));
        }
    }

    @Test
    void higherJpegQualityIsALargerFile() {
        RgbFrame frame = random(64, 64, 3);
        assertThat(StillImage.jpeg(frame, 10).length).isLessThan(StillImage.jpeg(frame, 60).length);
        assertThat(StillImage.jpeg(frame, 60).length).isLessThan(StillImage.jpeg(frame, 100).length);
        assertThat(StillImage.jpeg(frame, 60)).isEqualTo(StillImage.jpeg(frame, 60));
    }

    @ParameterizedTest
    @CsvSource({"1, UPRIGHT", "2, MIRRORED", "3, ROTATED_180", "6, ROTATED_90", "8, ROTATED_270"})
    void exifOrientationIsApplied(int exif, Orientation orientation) {
        RgbFrame frame = smooth(48, 32);
        byte[] file = StillImage.jpeg(frame, 95);
        RgbFrame plain = StillImage.decode(file, LIMITS);
        assertThat(StillImage.decode(withExifOrientation(file, exif), LIMITS)).isEqualTo(orientation.apply(plain));
    }

    @Test
    void damagedImagesAreRefusedWhereverTheyEnd() {
        for (byte[] file : List.of(StillImage.png(random(50, 40, 7)), StillImage.jpeg(random(50, 40, 7), 80))) {
            for (int tenth = 0; tenth < 10; tenth++) {
                byte[] cut = Arrays.copyOf(file, file.length * tenth / 10);
                assertThatThrownBy(() -> StillImage.decode(cut, LIMITS)).isInstanceOf(UnreadableClipException.class);
            }
            Random random = new Random(11);
            for (int i = 0; i < 200; i++) {
                byte[] flipped = file.clone();
                for (int k = 0; k < 1 + i / 20; k++) {
                    flipped[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
                }
                try {
                    StillImage.decode(flipped, LIMITS.withMaxPixelsPerFrame(1 << 20));
                } catch (VideoException refusal) {
                    assertThat(refusal.getMessage()).contains("image of");
                }
            }
        }
    }

    @Test
    void whatIsNoImageAndWhatIsTooLargeIsRefused() {
        assertThatThrownBy(() -> StillImage.decode("GIF89a…".getBytes(StandardCharsets.UTF_8), LIMITS))
                .isInstanceOf(UnreadableClipException.class)
                .hasMessageContaining("no PNG, JPEG or WebP");
        byte[] file = StillImage.png(random(100, 100, 1));
        assertThatThrownBy(() -> StillImage.decode(file, LIMITS.withMaxPixelsPerFrame(9999)))
                .isInstanceOf(ClipLimitException.class)
                .hasMessageContaining("100×100");
        assertThatThrownBy(() -> StillImage.decode(file, LIMITS.withMaxBytes(10)))
                .isInstanceOf(ClipLimitException.class);
        byte[] absurd = file.clone();
        Arrays.fill(absurd, 16, 24, (byte) 0x7f);
        assertThatThrownBy(() -> StillImage.decode(absurd, LIMITS)).isInstanceOf(VideoException.class);
    }

    @Test
    void aThumbnailLiesWithinItsBoxAndKeepsItsShape() {
        RgbFrame frame = smooth(160, 90);
        assertThat(FrameSize.of(StillImage.thumbnail(frame, 80, 80))).isEqualTo(new FrameSize(80, 45));
        assertThat(FrameSize.of(StillImage.thumbnail(frame, 500, 30))).isEqualTo(new FrameSize(53, 30));
        assertThat(StillImage.thumbnail(frame, 1000, 1000)).isEqualTo(frame);
        assertThat(FrameSize.of(StillImage.thumbnail(smooth(300, 1), 10, 10))).isEqualTo(new FrameSize(10, 1));
    }

    @Test
    void aContactSheetHoldsItsFramesRowByRow() {
        List<RgbFrame> frames = NumberedFrames.first(5, 80, 60);
        RgbFrame sheet = StillImage.contactSheet(frames, 3, 40);
        assertThat(FrameSize.of(sheet)).isEqualTo(new FrameSize(3 * 44 + 4, 2 * 34 + 4));
        for (int i = 0; i < 5; i++) {
            RgbFrame cell = sheet.crop(4 + i % 3 * 44, 4 + i / 3 * 34, 40, 30);
            assertThat(NumberedFrames.read(cell)).isEqualTo(i);
        }
        assertThat(sheet.sample(4 + 2 * 44 + 5, 4 + 34 + 5, 0)).isEqualTo(24);
        assertThatThrownBy(() -> StillImage.contactSheet(List.of(), 3, 40)).hasMessageContaining("1 to 64 columns");
    }

    private static RgbFrame random(int width, int height, long seed) {
        byte[] pixels = new byte[width * height * 3];
        new Random(seed).nextBytes(pixels);
        return RgbFrame.of(width, height, pixels);
    }

    private static RgbFrame smooth(int width, int height) {
        byte[] pixels = new byte[width * height * 3];
        for (int i = 0; i < width * height; i++) {
            pixels[3 * i] = (byte) (i % width * 200 / width);
            pixels[3 * i + 1] = (byte) (i / width * 200 / height);
            pixels[3 * i + 2] = (byte) (100 + i % width / 4);
        }
        return RgbFrame.of(width, height, pixels);
    }

    /** Puts an EXIF segment with nothing but the orientation behind the start of a JPEG file. */
    private static byte[] withExifOrientation(byte[] jpeg, int orientation) {
        byte[] tiff = {
            'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte) orientation, 0, 0, 0, 0, 0, 0
        };
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(jpeg, 0, 2);
        file.writeBytes(new byte[] {(byte) 0xff, (byte) 0xe1, 0, (byte) (tiff.length + 8), 'E', 'x', 'i', 'f', 0, 0});
        file.writeBytes(tiff);
        file.write(jpeg, 2, jpeg.length - 2);
        return file.toByteArray();
    }
}
