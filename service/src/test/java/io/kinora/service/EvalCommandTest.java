package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.service.cli.KinoraCommand;
import io.kinora.video.DecodeLimits;
import io.kinora.video.StillImage;
import io.kinora.video.VideoInfo;
import io.kinora.video.VideoProbe;
import io.kinora.video.VideoSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** {@code kinora eval} on the untrained checkpoint, which knows nothing, and {@code kinora shapes}. */
class EvalCommandTest {
    @RegisterExtension
    final Printed printed = new Printed();

    @TempDir
    Path folder;

    @Test
    void anUntrainedCheckpointAnswersNothingRightlyAndFailsWhatIsRequired() throws IOException {
        int status = KinoraCommand.run(
                "eval", "qa", "--clips", "1", "--require", "all=0.5", "--json", "--data", folder.toString());
        assertThat(status).as(printed.err()).isEqualTo(1);
        JsonNode report = report();
        JsonNode all = report.at("/scores/all");
        assertThat(all.get("total").asInt()).isPositive();
        assertThat(all.get("share").asDouble()).isLessThan(0.5);
        assertThat(report.at("/scores/colour/total").asInt()).isEqualTo(1);
        assertThat(report.get("mistakes"))
                .hasSize(all.get("total").asInt() - all.get("right").asInt());
    }

    @Test
    void anUntrainedCheckpointMakesClipsThatCanBeJudged() throws IOException {
        Path sheet = folder.resolve("sheet.png");
        int status = KinoraCommand.run(
                "eval",
                "generate",
                "--clips",
                "1",
                "--frames",
                "8",
                "--steps",
                "2",
                "--json",
                "--sheet",
                sheet.toString(),
                "--data",
                folder.toString());
        assertThat(status).as(printed.err()).isZero();
        JsonNode report = report();
        assertThat(report.at("/scores/motion/total").asInt()).isEqualTo(1);
        assertThat(report.at("/made/0/answers")).hasSize(3);
        assertThat(StillImage.decode(Files.readAllBytes(sheet), DecodeLimits.defaults())
                        .width())
                .isGreaterThan(200);
    }

    @Test
    void anUntrainedCheckpointEncodesAndDecodes() throws IOException {
        int status = KinoraCommand.run(
                "eval",
                "autoencode",
                "--clips",
                "1",
                "--frames",
                "8",
                "--steps",
                "2",
                "--json",
                "--data",
                folder.toString());
        assertThat(status).as(printed.err()).isZero();
        JsonNode report = report();
        assertThat(report.get("psnr").asDouble()).isBetween(0.0, 30.0);
        assertThat(report.get("ssim").asDouble()).isLessThan(0.9);
    }

    @Test
    void aRowThatNoTableHasIsRefusedWithThoseThatThereAre() {
        int status = KinoraCommand.run("eval", "qa", "--clips", "0");
        assertThat(status).isEqualTo(3);
        assertThat(printed.err()).contains("--clips is 0");
        status = KinoraCommand.run("eval", "generate", "--clips", "1", "--steps", "0", "--data", folder.toString());
        assertThat(status).isEqualTo(3);
        assertThat(printed.err()).contains("kinora: steps is 0");
        assertThat(KinoraCommand.run("eval")).isEqualTo(2);
        assertThat(printed.err()).contains("  qa  ", "  generate  ", "  autoencode  ");
    }

    @Test
    void shapesInANewColourAreCalledByItsWord() throws IOException {
        int status = KinoraCommand.run(
                "shapes",
                folder.toString(),
                "--clips",
                "2",
                "--paint",
                "turquoise=40e0d0",
                "--size",
                "64",
                "--seconds",
                "1");
        assertThat(status).as(printed.err()).isZero();
        VideoInfo clip = VideoProbe.probe(VideoSource.file(folder.resolve("clip-02.mp4")), DecodeLimits.defaults());
        assertThat(clip.frameCount()).hasValue(24);
        List<String> lines = Files.readAllLines(folder.resolve("questions.jsonl"));
        assertThat(lines).anySatisfy(line -> {
            JsonNode asked = new ObjectMapper().readTree(line);
            assertThat(asked.get("clip").asText()).isEqualTo("clip-01.mp4");
            assertThat(asked.get("answer").asText()).isEqualTo("turquoise");
        });
    }

    @Test
    void aCircleThatSpinsIsRefused() {
        int status = KinoraCommand.run("shapes", folder.toString(), "--shape", "circle", "--motion", "spin");
        assertThat(status).isEqualTo(3);
        assertThat(printed.err()).contains("nobody sees a circle spin");
    }

    private JsonNode report() throws IOException {
        String out = printed.out();
        return new ObjectMapper().readTree(out.substring(out.indexOf("{%n  \"model\"".formatted())));
    }
}
