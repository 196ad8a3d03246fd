package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.actors.adapter.UntrainedCheckpoint;
import io.kinora.service.cli.KinoraCommand;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of docs/tutorials/fine-tuning.md, on the untrained checkpoint. */
class FineTuneCommandTest {
    private final PrintStream standardOut = System.out;
    private final PrintStream standardErr = System.err;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    Path folder;

    @BeforeEach
    void capture() {
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void restore() {
        System.setOut(standardOut);
        System.setErr(standardErr);
    }

    @Test
    @Tag("slow")
    void tenClipsTeachAnswersThatTheNewCheckpointGives() throws IOException {
        Path checkpoint = folder.resolve("checkpoint");
        try (Engine engine = Engines.open("libtorch", Device.CPU)) {
            UntrainedCheckpoint.makeIfAbsent(checkpoint, engine);
        }
        Path clips = folder.resolve("my-clips");
        assertThat(KinoraCommand.run(
                        "shapes",
                        clips.toString(),
                        "--clips",
                        "10",
                        "--paint",
                        "turquoise=40e0d0",
                        "--size",
                        "64",
                        "--seconds",
                        "1"))
                .as(err())
                .isZero();
        onlyColours(clips);
        Path result = folder.resolve("my-checkpoint");
        int status = KinoraCommand.run(
                "finetune",
                clips.toString(),
                "--checkpoint",
                checkpoint.toString(),
                "-o",
                result.toString(),
                "--steps",
                "20",
                "--rate",
                "3e-3",
                "--rehearsal",
                "0");
        assertThat(status).as(err()).isZero();
        assertThat(loss(20)).isLessThan(loss(10));

        out.reset();
        status = KinoraCommand.run(
                "ask",
                clips.resolve("clip-01.mp4").toString(),
                "What colour is the shape?",
                "--checkpoint",
                result.toString(),
                "--max-tokens",
                "4");
        assertThat(status).as(err()).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("turquoise");
    }

    @Test
    void aCheckpointIsNotWrittenOverItself() {
        int status = KinoraCommand.run(
                "finetune", folder.toString(), "--checkpoint", folder.toString(), "-o", folder.toString());
        assertThat(status).isEqualTo(3);
        assertThat(err()).contains("name another folder");
    }

    /** A handful of steps can teach a model that knows nothing one answer. */
    private static void onlyColours(Path clips) throws IOException {
        Path questions = clips.resolve("questions.jsonl");
        ObjectMapper json = new ObjectMapper();
        StringBuilder kept = new StringBuilder();
        for (String line : Files.readAllLines(questions)) {
            if (json.readTree(line).get("answer").asText().equals("turquoise")) {
                kept.append(line).append('\n');
            }
        }
        Files.writeString(questions, kept);
    }

    private double loss(int step) {
        Matcher matcher = Pattern.compile("step " + step + " of .* answers ([0-9.]+)")
                .matcher(out.toString(StandardCharsets.UTF_8));
        assertThat(matcher.find()).isTrue();
        return Double.parseDouble(matcher.group(1));
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
