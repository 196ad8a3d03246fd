package io.kinora.video;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class VideoProbeTest {
    private static final DecodeLimits LIMITS = DecodeLimits.defaults();

    @Test
    void aClipIsDescribed() {
        VideoInfo info = VideoProbe.probe(VideoSource.bytes(TestClips.fixture("h264-b-pyramid.mp4")), LIMITS);
        assertThat(info.container()).isEqualTo("mov,mp4,m4a,3gp,3g2,mj2");
        assertThat(info.codec()).isEqualTo("h264");
        assertThat(info.codecProfile()).contains("High");
        assertThat(info.width()).isEqualTo(80);
        assertThat(info.height()).isEqualTo(60);
        assertThat(info.frameRate()).contains(Rational.of(24, 1));
        assertThat(info.duration()).contains(Duration.ofSeconds(2));
        assertThat(info.frameCount()).hasValue(48);
        assertThat(info.frameCountExact()).isTrue();
        assertThat(info.pixelFormat()).isEqualTo("yuv420p");
        assertThat(info.bitDepth()).isEqualTo(8);
        assertThat(info.alpha()).isFalse();
        assertThat(info.interlaced()).isFalse();
        assertThat(info.sampleAspect()).isEqualTo(Rational.ONE);
        assertThat(info.bytes()).isEqualTo(3893);
        assertThat(info.bitRate()).isPresent();
        assertThat(info.audio()).isEmpty();
    }

    @Test
    void whatIsUnusualIsSaid() {
        assertThat(probe("h264-high10.mp4").bitDepth()).isEqualTo(10);
        assertThat(probe("hevc-open-gop-10bit.mkv").pixelFormat()).isEqualTo("yuv420p10le");
        assertThat(probe("h264-interlaced.mp4").interlaced()).isTrue();
        assertThat(probe("h264-open-gop.mkv").frameCountExact()).isFalse();
        assertThat(probe("h264-open-gop.mkv").frameCount()).hasValue(48);
        VideoInfo alpha = VideoProbe.probe(VideoSource.bytes(TestClips.encoded().get("qtrle-alpha.mov")), LIMITS);
        assertThat(alpha.alpha()).isTrue();
    }

    @Test
    void theHashIsThatOfTheBytes() {
        try (VideoClip clip = VideoClip.open(VideoSource.bytes(TestClips.fixture("hevc.mp4")), LIMITS)) {
            assertThat(clip.sha256()).matches("[0-9a-f]{64}").isEqualTo(clip.sha256());
        }
    }

    private static VideoInfo probe(String fixture) {
        return VideoProbe.probe(VideoSource.bytes(TestClips.fixture(fixture)), LIMITS);
    }
}
