package io.kinora.model.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SincResamplerTest {
    @ParameterizedTest(name = "{2} samples from {0} to {1} Hz")
    @CsvSource({"44100, 16000, 44100, 16000", "48000, 16000, 7, 3", "8000, 16000, 5, 10", "22050, 16000, 1, 1"})
    void theLengthIsRoundedUp(int from, int to, int samples, int expected) {
        Waveform sound = Waveform.of(List.of(new float[samples]), from);

        assertThat(new SincResampler(from, to).resample(sound).length()).isEqualTo(expected);
    }

    @ParameterizedTest(name = "from {0} to {1} Hz")
    @CsvSource({"44100, 16000", "8000, 16000", "48000, 44100"})
    void aLowToneStaysTheSameTone(int from, int to) {
        Waveform resampled = new SincResampler(from, to).resample(Waveform.of(List.of(tone(from)), from));

        float[] expected = tone(to);
        float[] got = resampled.samples(0);
        for (int i = to / 10; i < to - to / 10; i++) { // at the ends there is silence before and behind
            assertThat(got[i]).isCloseTo(expected[i], within(2e-3f));
        }
    }

    @Test
    void equalRatesChangeNothing() {
        Waveform sound = Waveform.of(List.of(new float[] {1, 2, 3}), 16_000);

        assertThat(new SincResampler(16_000, 16_000).resample(sound)).isSameAs(sound);
    }

    private static float[] tone(int rate) {
        float[] samples = new float[rate];
        for (int n = 0; n < rate; n++) {
            samples[n] = (float) (0.4 * Math.sin(2 * Math.PI * 300 * n / rate));
        }
        return samples;
    }
}
