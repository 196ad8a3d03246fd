package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.service.cli.KinoraCommand;
import io.kinora.video.ClipFrame;
import io.kinora.video.DecodeLimits;
import io.kinora.video.FrameSampler;
import io.kinora.video.RgbFrame;
import io.kinora.video.VideoSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job on either engine: the same answer, and a video that no eye can tell from the other. */
@Tag("slow")
@Tag("nd4j")
class EnginesAgreeTest {
    /** Where differences are far below what H.264 itself changes. */
    private static final double DECIBEL = 50;

    private static final int FRAMES = 8;

    private final PrintStream standardErr = System.err;

    @TempDir
    Path folder;

    @AfterEach
    void restore() {
        System.setErr(standardErr);
    }

    @Test
    void theDemoAnswersAndShowsTheSame() throws IOException {
        Result libtorch = demo("libtorch");
        Result nd4j = demo("nd4j");

        assertThat(nd4j.answer()).isEqualTo(libtorch.answer()).contains("red circle");
        assertThat(nd4j.frames()).hasSameSizeAs(libtorch.frames()).hasSize(FRAMES);
        assertThat(peakSignalToNoise(libtorch.frames(), nd4j.frames())).isGreaterThan(DECIBEL);
    }

    private record Result(String answer, List<RgbFrame> frames) {}

    private Result demo(String engine) throws IOException {
        ByteArrayOutputStream spoken = new ByteArrayOutputStream();
        System.setErr(new PrintStream(spoken, true, StandardCharsets.UTF_8));
        Path made = folder.resolve(engine);
        int status = KinoraCommand.run(
                "demo",
                "--engine",
                engine,
                "--data",
                folder.resolve("data-" + engine).toString(),
                "--out",
                made.toString(),
                "--steps",
                "6",
                "--frames",
                Integer.toString(FRAMES));
        assertThat(status).isZero();
        String answer = spoken.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains("answer read back from"))
                .map(line -> line.substring(line.lastIndexOf(':') + 1).strip())
                .findFirst()
                .orElseThrow();
        return new Result(answer, frames(made));
    }

    private static List<RgbFrame> frames(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            Path video = files.filter(file -> file.toString().endsWith(".mp4"))
                    .findFirst()
                    .orElseThrow();
            return FrameSampler.uniform(FRAMES)
                    .sample(VideoSource.file(video), DecodeLimits.defaults())
                    .frames()
                    .stream()
                    .map(ClipFrame::image)
                    .toList();
        }
    }

    private static double peakSignalToNoise(List<RgbFrame> expected, List<RgbFrame> actual) {
        double squares = 0;
        long count = 0;
        for (int f = 0; f < expected.size(); f++) {
            byte[] a = expected.get(f).toByteArray();
            byte[] b = actual.get(f).toByteArray();
            for (int i = 0; i < a.length; i++) {
                int difference = (a[i] & 0xff) - (b[i] & 0xff);
                squares += difference * difference;
            }
            count += a.length;
        }
        return squares == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(255.0 * 255.0 * count / squares);
    }
}
