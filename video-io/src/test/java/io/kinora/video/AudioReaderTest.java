package io.kinora.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class AudioReaderTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"s16.wav", "s24.wav", "f32.wav", "s16be.aiff", "flac16.flac", "alac.m4a", "clip-two-tracks.mkv"})
    void soundStoredWithoutLossIsReadSampleForSample(String name) {
        DecodedAudio audio = read(AudioReader.whole(), Tone.fixture(name));

        assertThat(audio.clip()).isEqualTo(Tone.at(Tone.RATE, Tone.SAMPLES));
        assertThat(audio.damage()).isEmpty();
        assertThat(audio.whole()).isTrue();
    }

    @Test
    void eightBitsAreReadToTheNearestStep() {
        AudioClip clip = read(AudioReader.whole(), Tone.fixture("u8.wav")).clip();
        AudioClip tone = Tone.at(Tone.RATE, Tone.SAMPLES);
        assertThat(clip.samples()).isEqualTo(Tone.SAMPLES);
        for (int i = 0; i < Tone.SAMPLES; i++) {
            assertThat(clip.channel(0).get(i))
                    .isBetween(
                            tone.channel(0).get(i) - 1 / 128f, tone.channel(0).get(i) + 1 / 128f);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "aac.aac, 16000",
        "vorbis.ogg, 16000",
        "opus.webm, 48000",
        "clip-aac.mp4, 16000",
        "mp3.mp3, 16000",
        "ac3.ts, 48000",
    })
    void lossyCodecsGiveTheToneInPlace(String name, int rate) {
        AudioClip clip = read(AudioReader.whole(), Tone.fixture(name)).clip();

        assertThat(clip.samplingRate()).isEqualTo(rate);
        assertThat(clip.channels()).isEqualTo(2);
        // ADTS and MPEG-TS have no place for what the encoder put in front; it is a part of their sound.
        int inFront = name.equals("aac.aac") ? 1024 : name.equals("ac3.ts") ? 256 : 0;
        AudioClip tone = clip.cut(inFront, clip.samples());
        AudioClip expected = Tone.at(rate, Tone.SAMPLES * rate / Tone.RATE);
        assertThat(tone.samples()).isBetween(expected.samples(), expected.samples() + 1536);
        // One sample out of place leaves 15.2 dB on the left and 8.2 dB on the right.
        assertThat(Tone.signalToNoise(tone, 0, expected)).isGreaterThan(15.5);
        assertThat(Tone.signalToNoise(tone, 1, expected)).isGreaterThan(15.5);
    }

    @Test
    void theTrackIsDescribed() {
        assertThat(read(AudioReader.whole(), Tone.fixture("clip-aac.mp4")).track())
                .isEqualTo(new AudioTrack("aac", 16_000, 2, Optional.of("und")));
    }

    @Test
    void aClipWithoutSoundIsToldApart() {
        assertThatThrownBy(() -> read(AudioReader.whole(), TestClips.fixture("hevc.mp4")))
                .isInstanceOf(NoSoundException.class)
                .hasMessageContaining("has no sound stream");
    }

    @Test
    void tenMillisecondsAreTooShortForWhoNeedsMore() {
        byte[] wav = AudioEncoder.encode(AudioClip.of(16_000, new float[160]), AudioFormat.WAV);

        assertThat(read(AudioReader.whole(), wav).clip().samples()).isEqualTo(160);
        assertThatThrownBy(() -> read(AudioReader.whole().atLeast(Duration.ofMillis(25)), wav))
                .isInstanceOf(SoundTooShortException.class)
                .hasMessageContaining("has 10.0 ms of sound, need at least 25.0 ms");
    }

    @Test
    void twelveHoursOfSilenceAreRefusedWholeAndReadInPart() {
        byte[] silence = Tone.fixture("silence-12h.flac");

        assertThatThrownBy(() -> read(AudioReader.whole(), silence))
                .isInstanceOf(ClipLimitException.class)
                .hasMessageContaining("lasts 43200.000 s, allowed at most 600.000 s")
                .extracting("limit")
                .isEqualTo("maxDuration");
        DecodedAudio beginning = read(AudioReader.first(Duration.ofSeconds(2)), silence);
        assertThat(beginning.clip()).isEqualTo(AudioClip.of(1000, new float[2000]));
        assertThat(beginning.whole()).isFalse();
    }

    @Test
    void samplesAreCountedWhileTheyAreDecoded() {
        AudioLimits limits =
                AudioLimits.defaults().withMaxDuration(Duration.ofDays(1)).withMaxSamples(1_000_000);
        assertThatThrownBy(() -> AudioReader.whole().read(VideoSource.bytes(Tone.fixture("silence-12h.flac")), limits))
                .isInstanceOf(ClipLimitException.class)
                .extracting("limit")
                .isEqualTo("maxSamples");
    }

    @Test
    void aSpanLongerThanTheSoundIsAllOfIt() {
        DecodedAudio audio = read(AudioReader.first(Duration.ofDays(400)), Tone.fixture("s16.wav"));
        assertThat(audio.clip().samples()).isEqualTo(Tone.SAMPLES);
        assertThat(audio.whole()).isTrue();
    }

    @Test
    void aSpanEndsInsideAPacket() {
        DecodedAudio audio = read(AudioReader.first(Duration.ofMillis(100)), Tone.fixture("flac16.flac"));
        assertThat(audio.clip()).isEqualTo(Tone.at(Tone.RATE, 1600));
        assertThat(audio.whole()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"s16.wav", "flac16.flac", "clip-aac.mp4", "vorbis.ogg"})
    void halfAFileIsRefusedOrGivesNoMoreThanItHolds(String name) {
        byte[] file = Tone.fixture(name);
        byte[] half = Arrays.copyOf(file, file.length / 2);
        try {
            assertThat(read(AudioReader.whole(), half).clip().samples()).isLessThan(Tone.SAMPLES);
        } catch (UnreadableClipException refusal) {
            assertThat(refusal).hasMessageContaining("clip of");
        }
    }

    @Test
    void aHoleIsReportedOrRefused() {
        byte[] flac = Tone.fixture("flac16.flac");
        Arrays.fill(flac, 10_000, 12_700, (byte) 0x55);

        assertThat(read(AudioReader.whole(), flac).damage()).isNotEmpty();
        assertThatThrownBy(() -> read(AudioReader.whole().strict(), flac)).isInstanceOf(DamagedClipException.class);
    }

    @Test
    void aWrongChecksumIsRefusedByAStrictReader() {
        byte[] flac = Tone.fixture("flac16.flac");
        flac[9000] ^= 1;

        assertThat(read(AudioReader.whole(), flac).clip()).isNotEqualTo(Tone.at(Tone.RATE, Tone.SAMPLES));
        assertThatThrownBy(() -> read(AudioReader.whole().strict(), flac)).isInstanceOf(DamagedClipException.class);
    }

    @Test
    void samplesThatAreNoNumbersAreNoSound() {
        byte[] wav = AudioEncoder.encode(Tone.at(Tone.RATE, 100), AudioFormat.WAV_FLOAT);
        ByteBuffer.wrap(wav).order(ByteOrder.LITTLE_ENDIAN).putFloat(wav.length - 8, Float.NaN);
        assertThatThrownBy(() -> read(AudioReader.whole(), wav))
                .isInstanceOf(UnreadableClipException.class)
                .hasMessageContaining("sample 99 of channel 0 is NaN");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no sound at all",
                "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
                "ffconcat version 1.0\nfile 'victim.wav'\n",
            })
    void textAndPlaylistsAreNoSound(String text) {
        assertThatThrownBy(() -> read(AudioReader.whole(), text.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(UnreadableClipException.class);
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        assertThatThrownBy(() ->
                        AudioReader.whole().read(VideoSource.file(Path.of("no-such.wav")), AudioLimits.defaults()))
                .isInstanceOf(UnreadableClipException.class)
                .hasMessageContaining("no-such.wav does not exist");
    }

    @Property(tries = 150)
    void spoiledBytesGiveSoundOrATypedRefusal(
            @ForAll @IntRange(max = 4) int which, @ForAll @IntRange(max = 4000) int at, @ForAll byte value) {
        byte[] file =
                Tone.fixture(new String[] {"clip-aac.mp4", "mp3.mp3", "vorbis.ogg", "flac16.flac", "s16.wav"}[which]);
        for (int i = 0; i < 8; i++) {
            file[(at + i * 397) % file.length] = value;
        }
        try {
            assertThat(read(AudioReader.whole(), file).clip().samples()).isPositive();
        } catch (VideoException refusal) {
            assertThat(refusal.getMessage()).isNotEmpty();
        }
    }

    private static DecodedAudio read(AudioReader reader, byte[] bytes) {
        return reader.read(VideoSource.bytes(bytes), AudioLimits.defaults());
    }
}
