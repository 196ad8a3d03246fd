package io.kinora.model.modaverse.imagebind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.kinora.model.audio.Waveform;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SoundClipsTest {
    private static Engine engine;

    @BeforeAll
    static void openEngine() {
        engine = Engines.open(Engines.AUTO, Device.CPU);
    }

    @AfterAll
    static void closeEngine() {
        engine.close();
    }

    /** The reference computes with exact fractions of 7.3 − 2, which is a little less than 5.3. */
    @ParameterizedTest(name = "{0} s")
    @CsvSource({"10, 0, 64000, 128000", "7.3, 0, 42399, 84799", "2, 0, 0, 0", "0.4, 0, 0, 0"})
    void piecesBeginEvenly(double seconds, long first, long second, long third) {
        ClipSpans spans = ClipSpans.of(seconds, SoundClips.PIECES);

        assertThat(IntStream.range(0, 3).mapToLong(i -> spans.startSample(i, SoundClips.RATE)))
                .containsExactly(first, second, third);
    }

    @Test
    void aToneHasTheMeanAndSpreadOfTheReference() {
        float[] samples = new float[32_000];
        for (int n = 0; n < samples.length; n++) {
            samples[n] = (float) (0.5 * Math.sin(2 * Math.PI * 440 * n / 16_000));
        }
        try (Tensor mel = new SoundClips().mel(Waveform.of(List.of(samples), 16_000), engine)) {
            assertThat(mel.shape().toArray()).containsExactly(3, 1, 128, 204);
            float[] values = mel.toFloats();
            double mean = IntStream.range(0, 128 * 204)
                    .mapToDouble(i -> values[i])
                    .average()
                    .orElseThrow();
            double square = IntStream.range(0, 128 * 204)
                    .mapToDouble(i -> values[i] * values[i])
                    .average()
                    .orElseThrow();
            assertThat(mean).isCloseTo(-0.94872, within(1e-4));
            assertThat(Math.sqrt(square - mean * mean)).isCloseTo(0.57756, within(1e-4));
            assertThat(values[203]).isCloseTo(0.46706063f, within(1e-6f)); // padding is silence before it is normalised
        }
    }

    @Test
    void tenMillisecondsAreTooShort() {
        Waveform sound = Waveform.of(List.of(new float[160]), 16_000);

        assertThatThrownBy(() -> new SoundClips().mel(sound, engine))
                .isInstanceOfSatisfying(UnusableMediaException.class, e -> assertThat(e.reason())
                        .isEqualTo(UnusableMediaException.Reason.TOO_SHORT))
                .hasMessage("a sound of 10.0 ms is too short; needed are 25 ms");
    }
}
