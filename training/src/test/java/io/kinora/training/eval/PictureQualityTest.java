package io.kinora.training.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.kinora.video.RgbFrame;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PictureQualityTest {
    @Test
    void equalPicturesAreLikeEachOther() {
        RgbFrame picture = noise(1);
        assertThat(PictureQuality.meanSquaredError(picture, picture)).isZero();
        assertThat(PictureQuality.psnr(0)).isInfinite();
        assertThat(PictureQuality.ssim(picture, picture)).isCloseTo(1, within(1e-9));
    }

    @Test
    void flatPicturesFollowTheFormula() {
        // Without variance, SSIM is (2ab + C1) / (a² + b² + C1).
        double c1 = 2.55 * 2.55;
        assertThat(PictureQuality.meanSquaredError(flat(100), flat(110))).isEqualTo(100);
        assertThat(PictureQuality.psnr(100)).isCloseTo(28.1308, within(1e-4));
        assertThat(PictureQuality.ssim(flat(100), flat(110)))
                .isCloseTo((2 * 100 * 110 + c1) / (100 * 100 + 110 * 110 + c1), within(1e-9));
    }

    @Test
    void picturesOfNothingInCommonAreUnlike() {
        assertThat(PictureQuality.ssim(noise(1), noise(2))).isBetween(-0.1, 0.1);
    }

    @Test
    void picturesOfDifferentSizesAreNotCompared() {
        assertThatThrownBy(() -> PictureQuality.ssim(flat(1), RgbFrame.of(16, 16, new byte[16 * 16 * 3])))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("16×16");
    }

    private static RgbFrame flat(int value) {
        byte[] pixels = new byte[24 * 24 * 3];
        Arrays.fill(pixels, (byte) value);
        return RgbFrame.of(24, 24, pixels);
    }

    private static RgbFrame noise(long seed) {
        byte[] pixels = new byte[24 * 24 * 3];
        new Random(seed).nextBytes(pixels);
        return RgbFrame.of(24, 24, pixels);
    }
}
