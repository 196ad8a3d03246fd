package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.service.cli.KinoraCommand;
import io.kinora.tensor.DType;
import io.kinora.tensor.Shape;
import io.kinora.tensor.safetensors.SafetensorsWriter;
import io.kinora.video.DecodeLimits;
import io.kinora.video.RgbFrame;
import io.kinora.video.StillImage;
import io.kinora.video.VideoInfo;
import io.kinora.video.VideoProbe;
import io.kinora.video.VideoSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** {@code kinora generate} on checkpoints of every layout. */
@Tag("slow")
class GenerateCommandTest {
    @TempDir
    static Path shared;

    private static Path textToVideo;
    private static Path textToImage;
    private static Path clip;

    @RegisterExtension
    final Printed printed = new Printed();

    @TempDir
    Path folder;

    @BeforeAll
    static void makeCheckpoints() throws IOException {
        textToVideo = SmallPipelines.textToVideo(shared.resolve("text-to-video"));
        textToImage = SmallPipelines.textToImage(shared.resolve("text-to-image"));
        clip = shared.resolve("in.mp4");
        try (InputStream in =
                Objects.requireNonNull(GenerateCommandTest.class.getResourceAsStream("/samples/red-circle.mp4"))) {
            Files.write(clip, in.readAllBytes());
        }
    }

    @Test
    void aTextToVideoFolderMakesTheSameClipForTheSameSeedAndAnotherForAnother() throws IOException {
        Path first = generate(textToVideo, "first.mp4", "a red ball", "--frames", "8", "--seed", "7");
        Path again = generate(textToVideo, "again.mp4", "a red ball", "--frames", "8", "--seed", "7");
        Path other = generate(textToVideo, "other.mp4", "a red ball", "--frames", "8", "--seed", "8");
        assertThat(Files.readAllBytes(first)).isEqualTo(Files.readAllBytes(again));
        assertThat(Files.readAllBytes(first)).isNotEqualTo(Files.readAllBytes(other));
        VideoInfo video = VideoProbe.probe(VideoSource.file(first), DecodeLimits.defaults());
        assertThat(video.frameCount()).hasValue(8);
        assertThat(video.codec()).isEqualTo("h264");
        assertThat(printed.err()).contains("denoising steps in", "each", "frames decoded in", "encoded");
    }

    @Test
    void everySettingHasAnEffect() throws IOException {
        byte[] plain = Files.readAllBytes(generate(textToVideo, "plain.mp4", "a red ball", "--frames", "8"));
        List<String[]> variants = List.of(
                new String[] {"--negative", "blue"},
                new String[] {"--guidance-rescale", "0.7"},
                new String[] {"--sampler", "euler"},
                new String[] {"--fps", "12"});
        for (String[] variant : variants) {
            List<String> arguments = new ArrayList<>(List.of("a red ball", "--frames", "8"));
            arguments.addAll(List.of(variant));
            Path file = generate(textToVideo, "variant.mp4", arguments.toArray(String[]::new));
            assertThat(Files.readAllBytes(file)).as(String.join(" ", variant)).isNotEqualTo(plain);
        }
    }

    @Test
    void aStableDiffusionFolderMakesAPictureAndSeveralAreNumbered() throws IOException {
        Path single = generate(textToImage, "one.png", "a lighthouse", "--size", "64x48");
        RgbFrame picture = StillImage.decode(Files.readAllBytes(single), DecodeLimits.defaults());
        assertThat(picture.width()).isEqualTo(64);
        assertThat(picture.height()).isEqualTo(48);
        generate(textToImage, "three.jpg", "a lighthouse", "--frames", "3");
        assertThat(folder.resolve("three-01.jpg")).exists();
        assertThat(folder.resolve("three-03.jpg")).exists();
        assertThat(folder.resolve("three-04.jpg")).doesNotExist();
    }

    @Test
    void aClipBecomesAnotherClipOfTextToVideo() throws IOException {
        Path much = generate(
                textToVideo,
                "much.webm",
                "a blue ball",
                "--from-clip",
                clip.toString(),
                "--frames",
                "8",
                "--strength",
                "1");
        Path little = generate(
                textToVideo,
                "little.webm",
                "a blue ball",
                "--from-clip",
                clip.toString(),
                "--frames",
                "8",
                "--strength",
                "0.4");
        assertThat(VideoProbe.probe(VideoSource.file(little), DecodeLimits.defaults())
                        .codec())
                .isEqualTo("vp9");
        assertThat(Files.readAllBytes(little)).isNotEqualTo(Files.readAllBytes(much));
    }

    @Test
    void anEmuFolderAutoencodesAClipAndAPicture() throws IOException {
        Path data = shared.resolve("data");
        Path out1 = folder.resolve("again.mp4");
        run("--from-clip", clip.toString(), "--frames", "8", "--data", data.toString(), "-o", out1.toString());
        assertThat(VideoProbe.probe(VideoSource.file(out1), DecodeLimits.defaults())
                        .frameCount())
                .hasValue(8);
        Path still = folder.resolve("still.png");
        byte[] pixels = new byte[60 * 40 * 3];
        pixels[7] = 100;
        Files.write(still, StillImage.png(RgbFrame.of(60, 40, pixels)));
        Path out2 = folder.resolve("moving.mp4");
        run("--from-image", still.toString(), "--frames", "8", "--data", data.toString(), "-o", out2.toString());
        Path out3 = folder.resolve("edited.mp4");
        run(
                "make it red",
                "--from-image",
                still.toString(),
                "--frames",
                "8",
                "--data",
                data.toString(),
                "-o",
                out3.toString());
        assertThat(Files.readAllBytes(out2)).isNotEqualTo(Files.readAllBytes(out3));
    }

    @Test
    void embeddingsFromAFileBecomeAClip() throws IOException {
        Path file = folder.resolve("seen.safetensors");
        ByteBuffer values = ByteBuffer.allocate(64 * 64 * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 64 * 64; i++) {
            values.putFloat((float) Math.cos(0.1 * i));
        }
        SafetensorsWriter.write(
                file,
                List.of(new SafetensorsWriter.Entry("embeddings", DType.F32, Shape.of(64, 64), () -> values.duplicate()
                        .flip())),
                Map.of());
        Path clipFile = folder.resolve("seen.mp4");
        String data = shared.resolve("data").toString();
        run(
                "--embeddings",
                file.toString(),
                "--guidance",
                "1",
                "--frames",
                "8",
                "--data",
                data,
                "-o",
                clipFile.toString());
        assertThat(VideoProbe.probe(VideoSource.file(clipFile), DecodeLimits.defaults())
                        .frameCount())
                .hasValue(8);
        refused("in words too", "--embeddings", file.toString(), "--data", data);
        assertThat(printed.err()).contains("words beside them");
        refused("--embeddings", clipFile.toString(), "--data", data);
        assertThat(printed.err()).contains("no safetensors file");
    }

    @Test
    void aPreviewIsWrittenWhileTheStepsRun() throws IOException {
        Path preview = folder.resolve("preview.jpg");
        generate(textToVideo, "clip.mp4", "a red ball", "--frames", "8", "--preview", preview.toString());
        RgbFrame picture = StillImage.decode(Files.readAllBytes(preview), DecodeLimits.defaults());
        assertThat(picture.width()).isGreaterThan(8);
        assertThat(Files.size(preview)).isLessThan(32_768);
    }

    @Test
    void factsComeAsJson() throws IOException {
        Path file = folder.resolve("facts.png");
        run("a lighthouse", "--checkpoint", textToImage.toString(), "--steps", "2", "-o", file.toString(), "--json");
        JsonNode facts = new ObjectMapper().readTree(printed.out());
        assertThat(facts.get("steps").asInt()).isEqualTo(2);
        assertThat(facts.get("guidance").asDouble()).isEqualTo(7.5);
        assertThat(facts.get("seconds").get("denoising").asDouble()).isPositive();
    }

    @Test
    void whatIsNotAllowedIsNamedWithWhatIs() {
        refused("a ball", "--checkpoint", textToVideo.toString(), "--frames", "4");
        assertThat(printed.err()).contains("frames is 4", "8 to 24");
        refused("a ball", "--checkpoint", textToVideo.toString(), "--sampler", "heun");
        assertThat(printed.err()).contains("heun", "ddim", "dpm++");
        refused("a ball", "--checkpoint", textToVideo.toString(), "--fps", "0");
        assertThat(printed.err()).contains("--fps is 0", "1 to 60");
        refused("a ball", "--checkpoint", textToVideo.toString(), "--guidance-rescale", "2");
        assertThat(printed.err()).contains("guidance rescale", "0 to 1");
        refused("a ball", "--checkpoint", textToVideo.toString(), "--strength", "0.5");
        assertThat(printed.err()).contains("no clip or picture to start from");
        refused("--checkpoint", textToVideo.toString());
        assertThat(printed.err()).contains("--from-clip");
        refused("a ball", "-o", "out.gif");
        assertThat(printed.err()).contains("out.gif", ".mp4", ".webm", ".png", ".jpg");
    }

    @Test
    void aFolderWithoutWeightsIsRefusedAndNotWaitedFor() throws IOException {
        Path hollow = Files.createDirectories(folder.resolve("hollow"));
        Files.copy(textToVideo.resolve("model_index.json"), hollow.resolve("model_index.json"));
        refused("a ball", "--checkpoint", hollow.toString());
        assertThat(printed.err()).contains("unet");
    }

    private Path generate(Path checkpoint, String file, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        Path target = folder.resolve(file);
        all.addAll(List.of("--checkpoint", checkpoint.toString(), "--steps", "3", "-o", target.toString()));
        if (!all.contains("--size")) {
            all.addAll(List.of("--size", "32x24"));
        }
        run(all.toArray(String[]::new));
        return target;
    }

    private void run(String... arguments) {
        List<String> all = new ArrayList<>(List.of("generate"));
        all.addAll(List.of(arguments));
        if (!all.contains("--steps")) {
            all.addAll(List.of("--steps", "2", "--size", "32x24"));
        }
        assertThat(KinoraCommand.run(all.toArray(String[]::new)))
                .as(printed.err())
                .isZero();
    }

    private void refused(String... arguments) {
        List<String> all = new ArrayList<>(List.of("generate"));
        all.addAll(List.of(arguments));
        if (!all.contains("-o")) {
            all.addAll(List.of("-o", folder.resolve("x.mp4").toString()));
        }
        assertThat(KinoraCommand.run(all.toArray(String[]::new))).isEqualTo(3);
    }
}
