package io.kinora.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DecodeLimitsTest {
    private static final byte[] CLIP = TestClips.fixture("h264-b-pyramid.mp4");
    private static final DecodeLimits DEFAULTS = DecodeLimits.defaults();

    @Test
    void aClipAtItsCeilingsPasses() {
        DecodeLimits exact = DEFAULTS.withMaxBytes(CLIP.length)
                .withMaxDuration(Duration.ofSeconds(2))
                .withMaxFrames(48)
                .withMaxPixelsPerFrame(80 * 60);
        assertThat(sample(exact).framesInClip()).isEqualTo(48);
    }

    @Test
    void eachCeilingRefusesWithItsNameTheValueAndWhatIsAllowed() {
        assertRefused(DEFAULTS.withMaxBytes(CLIP.length - 1), "maxBytes", "3,893 bytes", "at most 3,892");
        assertRefused(DEFAULTS.withMaxDuration(Duration.ofMillis(1999)), "maxDuration", "2.000 s", "at most 1.999 s");
        assertRefused(DEFAULTS.withMaxFrames(47), "maxFrames", "48 frames", "at most 47");
        assertRefused(DEFAULTS.withMaxPixelsPerFrame(4799), "maxPixelsPerFrame", "80×60", "at most 4,799");
        assertRefused(DEFAULTS.withMaxDecodeTime(Duration.ofNanos(1)), "maxDecodeTime", "was not done in 0.000 s");
    }

    @Test
    void framesAndDurationAreCountedWhereTheContainerDoesNotSay() {
        byte[] stream = TestClips.fixture("h264-open-gop.ts");
        VideoSource source = VideoSource.bytes(stream);
        assertThatThrownBy(() -> FrameSampler.uniform(4).sample(source, DEFAULTS.withMaxFrames(20)))
                .isInstanceOf(ClipLimitException.class)
                .hasMessageContaining("21 frames or more");
        assertThatThrownBy(
                        () -> FrameSampler.uniform(4).sample(source, DEFAULTS.withMaxDuration(Duration.ofSeconds(1))))
                .isInstanceOf(ClipLimitException.class)
                .hasMessageContaining("maxDuration");
    }

    @Test
    void limitsBelowOneAreRefused() {
        assertThatThrownBy(() -> DEFAULTS.withMaxBytes(0)).hasMessage("maxBytes is 0, need at least 1");
        assertThatThrownBy(() -> DEFAULTS.withMaxFrames(-1)).hasMessage("maxFrames is -1, need at least 1");
        assertThatThrownBy(() -> DEFAULTS.withMaxPixelsPerFrame(0)).hasMessageContaining("maxPixelsPerFrame");
        assertThatThrownBy(() -> DEFAULTS.withMaxDuration(Duration.ZERO)).hasMessageContaining("more than zero");
        assertThatThrownBy(() -> DEFAULTS.withMaxDecodeTime(Duration.ofSeconds(-1)))
                .hasMessageContaining("more than zero");
    }

    private static void assertRefused(DecodeLimits limits, String name, String... words) {
        assertThatThrownBy(() -> sample(limits))
                .isInstanceOfSatisfying(ClipLimitException.class, refusal -> assertThat(refusal.limit())
                        .isEqualTo(name))
                .hasMessageContainingAll(words);
    }

    private static SampledClip sample(DecodeLimits limits) {
        return FrameSampler.uniform(8).sample(VideoSource.bytes(CLIP), limits);
    }
}
