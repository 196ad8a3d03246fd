package io.kinora.video;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrientationTest {
    private static final int ONE = 1 << 16;

    /** What ffmpeg and phones write: the image of the x axis (a, b) and of the y axis (c, d), y pointing down. */
    @ParameterizedTest
    @CsvSource({
        "1, 0, 0, 1, UPRIGHT",
        "0, 1, -1, 0, ROTATED_90",
        "-1, 0, 0, -1, ROTATED_180",
        "0, -1, 1, 0, ROTATED_270",
        "-1, 0, 0, 1, MIRRORED",
        "0, -1, -1, 0, MIRRORED_ROTATED_90",
        "1, 0, 0, -1, MIRRORED_ROTATED_180",
        "0, 1, 1, 0, MIRRORED_ROTATED_270",
        "0, 0, 0, 0, UPRIGHT",
    })
    void aDisplayMatrixIsOneOfEightSymmetries(int a, int b, int c, int d, Orientation expected) {
        int[] matrix = {a * ONE, b * ONE, 0, c * ONE, d * ONE, 0, 0, 0, 1 << 30};
        assertThat(Orientation.ofMatrix(matrix)).isEqualTo(expected);
        RgbFrame frame = twoByThree();
        RgbFrame turned = expected.apply(frame);
        if (a * d - b * c != 0) {
            for (int y = 0; y < 3; y++) {
                for (int x = 0; x < 2; x++) {
                    // Where the matrix sends the middle of a pixel, moved back into the first quadrant.
                    double u = a * (x + 0.5) + c * (y + 0.5);
                    double v = b * (x + 0.5) + d * (y + 0.5);
                    int tx = (int) (u < 0 ? u + turned.width() : u);
                    int ty = (int) (v < 0 ? v + turned.height() : v);
                    assertThat(turned.sample(tx, ty, 0)).isEqualTo(frame.sample(x, y, 0));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 1, -1, 0, 90, false", "0, -1, 1, 0, 270, false", "-1, 0, 0, -1, 180, false", "-1, 0, 0, 1, 0, true"
    })
    void sampledFramesStandUprightAndTheInfoSaysHowTheyWereTurned(
            int a, int b, int c, int d, int rotation, boolean mirrored) {
        byte[] clip = VideoEncoder.encode(
                List.of(randomBlocks(1), randomBlocks(2), randomBlocks(3)), EncodeSettings.mp4(Rational.of(10, 1)));
        byte[] turned = withDisplayMatrix(clip, a, b, c, d);
        SampledClip plain = FrameSampler.uniform(2).sample(VideoSource.bytes(clip), DecodeLimits.defaults());
        SampledClip upright = FrameSampler.uniform(2).sample(VideoSource.bytes(turned), DecodeLimits.defaults());
        Orientation orientation = Orientation.ofMatrix(new int[] {a, b, 0, c, d, 0, 0, 0, 1});
        assertThat(upright.info().rotation()).isEqualTo(rotation);
        assertThat(upright.info().mirrored()).isEqualTo(mirrored);
        for (int i = 0; i < 2; i++) {
            RgbFrame frame = upright.frames().get(i).image();
            assertThat(frame).isEqualTo(orientation.apply(plain.frames().get(i).image()));
            assertThat(frame.width()).isEqualTo(upright.info().width());
            assertThat(frame.height()).isEqualTo(upright.info().height());
        }
    }

    @Test
    void aMatrixThatIsNearlyAQuarterTurnIsTakenForOne() {
        assertThat(Orientation.ofMatrix(new int[] {3000, 65_400, 0, -65_400, 3000, 0, 0, 0, 1}))
                .isEqualTo(Orientation.ROTATED_90);
    }

    private static RgbFrame twoByThree() {
        byte[] pixels = new byte[18];
        for (int i = 0; i < 18; i++) {
            pixels[i] = (byte) i;
        }
        return RgbFrame.of(2, 3, pixels);
    }

    private static RgbFrame randomBlocks(int seed) {
        return NumberedFrames.of(new Random(seed).nextInt(4096), 96, 64);
    }

    /** Overwrites the matrix of the track header, which ends 8 bytes before the box does. */
    private static byte[] withDisplayMatrix(byte[] mp4, int a, int b, int c, int d) {
        byte[] changed = mp4.clone();
        for (int at = 4; at + 4 < mp4.length; at++) {
            if (mp4[at] == 't' && mp4[at + 1] == 'k' && mp4[at + 2] == 'h' && mp4[at + 3] == 'd') {
                int matrix = at + 4 + 40;
                int[] values = {a * ONE, b * ONE, 0, c * ONE, d * ONE};
                for (int i = 0; i < values.length; i++) {
                    for (int k = 0; k < 4; k++) {
                        changed[matrix + 4 * i + k] = (byte) (values[i] >> (24 - 8 * k));
                    }
                }
                return changed;
            }
        }
        throw new IllegalArgumentException("no track header");
    }
}
