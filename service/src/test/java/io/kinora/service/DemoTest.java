package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.service.cli.KinoraCommand;
import io.kinora.video.DecodeLimits;
import io.kinora.video.StillImage;
import io.kinora.video.VideoInfo;
import io.kinora.video.VideoProbe;
import io.kinora.video.VideoSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job as a newcomer runs it. */
@Tag("slow")
class DemoTest {
    @TempDir
    Path folder;

    @Test
    void aClipIsAskedAboutAndAVideoIsMadeOverARealBroker() throws IOException {
        Path out = folder.resolve("out");
        int status = KinoraCommand.run(
                "demo", "--data", folder.resolve("data").toString(), "--out", out.toString(), "--steps", "4");
        assertThat(status).isZero();

        VideoInfo video = VideoProbe.probe(VideoSource.file(only(out, ".mp4")), DecodeLimits.defaults());
        assertThat(video.codec()).isEqualTo("h264");
        assertThat(video.frameCount()).hasValue(16);
        assertThat(video.pixelFormat()).isEqualTo("yuv420p");
        byte[] sheet = Files.readAllBytes(only(out, ".png"));
        assertThat(StillImage.decode(sheet, DecodeLimits.defaults()).width()).isGreaterThan(100);
    }

    private static Path only(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .reduce((a, b) -> {
                        throw new AssertionError("two files: " + a + ", " + b);
                    })
                    .orElseThrow();
        }
    }
}
