package io.kinora.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AudioClipTest {
    @Test
    void aClipKeepsCopies() {
        float[] samples = {0.5f, 0.25f};
        AudioClip clip = AudioClip.of(8000, samples);
        samples[0] = 1;
        clip.copyOfChannel(0)[1] = 1;

        assertThat(clip).isEqualTo(AudioClip.of(8000, new float[] {0.5f, 0.25f}));
        assertThat(clip.channel(0).isReadOnly()).isTrue();
        assertThat(clip.duration()).isEqualTo(Duration.ofNanos(250_000));
    }

    @Test
    void whatIsNoSoundIsRefused() {
        assertThatThrownBy(() -> AudioClip.of(0, new float[1])).hasMessageContaining("samplingRate is 0");
        assertThatThrownBy(() -> AudioClip.of(8000)).hasMessageContaining("at least one channel");
        assertThatThrownBy(() -> AudioClip.of(8000, new float[0])).hasMessageContaining("one sample");
        assertThatThrownBy(() -> AudioClip.of(8000, new float[2], new float[3]))
                .hasMessageContaining("channel 1 has 3 samples, expected 2");
        assertThatThrownBy(() -> AudioClip.of(8000, new float[] {Float.POSITIVE_INFINITY}))
                .hasMessageContaining("sample 0 of channel 0 is Infinity");
    }

    @Test
    void monoIsTheMeanOfAllChannels() {
        AudioClip clip = AudioClip.of(8000, new float[] {1, 0}, new float[] {0.5f, -1});
        assertThat(clip.mono()).isEqualTo(AudioClip.of(8000, new float[] {0.75f, -0.5f}));
        assertThat(clip.mono().mono()).isEqualTo(clip.mono());
    }

    @Test
    void aCutIsAPart() {
        AudioClip clip = AudioClip.of(8000, new float[] {1, 2, 3});
        assertThat(clip.cut(1, 3)).isEqualTo(AudioClip.of(8000, new float[] {2, 3}));
        assertThatThrownBy(() -> clip.cut(2, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> clip.cut(0, 4)).hasMessageContaining("samples 0 to 4 are no part of a clip of 3");
    }

    @ParameterizedTest
    @CsvSource({"16000, 48000, 14400", "48000, 16000, 1600", "44100, 16000, 1742", "16000, 16000, 4800", "16000, 7, 3"})
    void resamplingKeepsToneAndDuration(int from, int to, int samples) {
        AudioClip resampled = Tone.at(from, Tone.SAMPLES).resampled(to);

        assertThat(resampled.samplingRate()).isEqualTo(to);
        assertThat(resampled.samples()).isEqualTo(samples);
        if (to > 7) {
            assertThat(Tone.signalToNoise(resampled, 0, Tone.at(to, samples))).isGreaterThan(45);
            assertThat(Tone.signalToNoise(resampled, 1, Tone.at(to, samples))).isGreaterThan(45);
        }
    }
}
