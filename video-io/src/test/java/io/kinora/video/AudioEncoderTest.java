package io.kinora.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AudioEncoderTest {
    @TempDir
    private Path folder;

    @Test
    void wavIsAHeaderOf44BytesAndTheSamplesInTurn() {
        byte[] wav = AudioEncoder.encode(
                AudioClip.of(16_000, new float[] {0, 0.5f, -1}, new float[] {1, -0.25f, 2}), AudioFormat.WAV);

        ByteBuffer buffer = ByteBuffer.wrap(wav).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(new String(wav, 0, 4, StandardCharsets.US_ASCII)).isEqualTo("RIFF");
        assertThat(buffer.getShort(20)).as("PCM").isEqualTo((short) 1);
        assertThat(buffer.getShort(22)).isEqualTo((short) 2);
        assertThat(buffer.getInt(24)).isEqualTo(16_000);
        assertThat(buffer.getInt(40)).isEqualTo(12);
        short[] samples = new short[6];
        buffer.position(44)
                .slice()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asShortBuffer()
                .get(samples);
        assertThat(samples).containsExactly((short) 0, Short.MAX_VALUE, 16384, -8192, Short.MIN_VALUE, Short.MAX_VALUE);
        assertThat(wav).hasSize(56);
    }

    @Property(tries = 50)
    void whatIsWrittenAsFloatsIsReadBack(
            @ForAll @Size(min = 1, max = 9000) float[] samples, @ForAll @IntRange(min = 1, max = 192_000) int rate) {
        AudioClip clip = AudioClip.of(rate, samples);
        assertThat(read(AudioEncoder.encode(clip, AudioFormat.WAV_FLOAT))).isEqualTo(clip);
    }

    @ParameterizedTest
    @CsvSource({
        "OGG_OPUS, 16000, 16000",
        "OGG_OPUS, 48000, 48000",
        "WEBM_OPUS, 24000, 24000",
        "OGG_OPUS, 44100, 48000",
        "WEBM_OPUS, 22050, 48000",
    })
    void opusKeepsLengthAndTone(AudioFormat format, int rate, int encodedAt) {
        // Every decoder of Opus gives 48 kHz, whatever went in.
        AudioClip tone = Tone.at(rate, rate * 3 / 10 + 7);
        AudioClip back = read(AudioEncoder.encode(tone, format));

        assertThat(back.samplingRate()).isEqualTo(48_000);
        assertThat(back.samples())
                .isCloseTo((int) ((long) tone.samples() * 48_000 / rate), within(48_000 / encodedAt + 1));
        assertThat(Tone.signalToNoise(back, 0, Tone.at(48_000, back.samples()))).isGreaterThan(20);
    }

    @ParameterizedTest
    @EnumSource(AudioFormat.class)
    void theSameSamplesGiveTheSameBytes(AudioFormat format) {
        AudioClip tone = Tone.at(16_000, 5000);
        assertThat(AudioEncoder.encode(tone, format, Map.of("title", "tone")))
                .isEqualTo(AudioEncoder.encode(tone, format, Map.of("title", "tone")));
    }

    @Test
    void metadataGoIntoTheContainer() {
        byte[] ogg = AudioEncoder.encode(Tone.at(16_000, 500), AudioFormat.OGG_OPUS, Map.of("kinora-request", "r-17"));
        assertThat(new String(ogg, StandardCharsets.ISO_8859_1)).contains("kinora-request=r-17");
    }

    @Test
    void aFileAppearsWholeAndNothingBesideIt() throws IOException {
        Path file = folder.resolve("tone.webm");
        long bytes = AudioEncoder.write(file, Tone.at(16_000, 5000), AudioFormat.WEBM_OPUS, Map.of());

        assertThat(Files.size(file)).isEqualTo(bytes);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void aFolderThatIsNotThereIsSaid() {
        assertThatThrownBy(() ->
                        AudioEncoder.write(folder.resolve("no/a.wav"), Tone.at(16_000, 5), AudioFormat.WAV, Map.of()))
                .isInstanceOf(VideoEncodeException.class)
                .hasMessageContaining("cannot be written");
    }

    @Test
    void opusTakesTwoChannelsAtMost() {
        AudioClip surround = AudioClip.of(48_000, new float[9], new float[9], new float[9]);
        assertThatThrownBy(() -> AudioEncoder.encode(surround, AudioFormat.OGG_OPUS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 2 channels, got 3");
        assertThat(read(AudioEncoder.encode(surround, AudioFormat.WAV))).isEqualTo(surround);
    }

    private static AudioClip read(byte[] file) {
        return AudioReader.whole()
                .read(VideoSource.bytes(file), AudioLimits.defaults().withMaxDuration(Duration.ofHours(3)))
                .clip();
    }
}
