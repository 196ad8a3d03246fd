package io.kinora.model.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class KaldiFilterBankTest {
    private static final int RATE = 16_000;

    private final KaldiFilterBank bank = new KaldiFilterBank(128, RATE);

    /** Two seconds of 440 Hz at half loudness; the values are those of specs that were computed apart from this code. */
    @ParameterizedTest(name = "band {0}")
    @CsvSource({
        "0, -14.1296, -14.1296, -12.0606",
        "3, -15.9424, -15.9424, -15.9424",
        "10, -9.7109, -9.7109, -9.4642",
        "20, -0.3597, -0.3597, -0.3586",
        "25, 1.4256, 1.4256, 1.4255",
        "30, -7.5004, -7.5004, -7.5171",
        "64, -15.9424, -15.9424, -15.9424",
        "127, -15.9424, -15.9424, -15.9424"
    })
    void aToneHasTheEnergiesOfTheReference(int band, float first, float middle, float last) {
        float[][] bands = bank.of(tone());

        assertThat(bands[band]).hasSize(198);
        assertThat(bands[band][0]).isCloseTo(first, within(1e-3f));
        assertThat(bands[band][100]).isCloseTo(middle, within(1e-3f));
        assertThat(bands[band][197]).isCloseTo(last, within(1e-3f));
    }

    @ParameterizedTest(name = "{0} samples make {1} frames")
    @CsvSource({"0, 0", "399, 0", "400, 1", "559, 1", "560, 2", "32000, 198"})
    void framesThatWouldReachOverTheEndAreLeftOut(int samples, int frames) {
        assertThat(bank.frames(samples)).isEqualTo(frames);
        assertThat(bank.of(new float[samples])[0]).hasSize(frames);
    }

    @Test
    void aConstantIsSilence() {
        float[] samples = new float[800];
        java.util.Arrays.fill(samples, 0.7f);

        for (float[] band : bank.of(samples)) {
            assertThat(band).containsOnly((float) Math.log(Math.ulp(1f)));
        }
    }

    private static float[] tone() {
        float[] samples = new float[2 * RATE];
        for (int n = 0; n < samples.length; n++) {
            samples[n] = (float) (0.5 * Math.sin(2 * Math.PI * 440 * n / RATE));
        }
        return samples;
    }
}
