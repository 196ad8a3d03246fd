package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.kafka.record.ClipReference;
import io.kinora.service.cli.KinoraCommand;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A conversation on the command line, with a service that runs. */
@Tag("slow")
@ExtendWith(RunningKinora.Extension.class)
class SessionCommandTest {
    private final RunningKinora kinora;
    private final PrintStream standardOut = System.out;
    private final PrintStream standardErr = System.err;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    Path folder;

    SessionCommandTest(RunningKinora kinora) {
        this.kinora = kinora;
    }

    @BeforeEach
    void capture() {
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void release() {
        System.setOut(standardOut);
        System.setErr(standardErr);
    }

    @Test
    void aFileIsAskedAboutTwiceAndTheConversationIsListedShownAndForgotten() throws Exception {
        Path clip = Files.write(folder.resolve("clip.mp4"), kinora.clipBytes());
        String first = run("ask", "at-the-gate", "What moves?", "--clip", clip.toString(), "--max-tokens", "4");
        String second = run("ask", "at-the-gate", "And where to?", "--json", "--max-tokens", "4");
        assertThat(second).contains("\"turn\":2").contains("at-the-gate");
        String shown = run("show", "at-the-gate");
        assertThat(shown)
                .contains("What moves?")
                .contains("And where to?")
                .contains(
                        first.lines().reduce((line, next) -> next).orElseThrow().strip());
        assertThat(shown.lines().findFirst().orElseThrow())
                .matches("\\[kafka://kinora\\.clips/\\d+/\\d+] What moves\\?");
        ClipReference other = kinora.publish("gate-camera", "gate-camera-1");
        assertThat(run("ask", "at-the-gate", "And here?", "--clip", other.toString(), "--json"))
                .contains("\"turn\":3")
                .contains(other.toString());
        assertThat(run("list")).containsPattern("at-the-gate +3 turns");
        assertThat(run("forget", "at-the-gate")).isEqualTo("forgot at-the-gate");
        assertThat(KinoraCommand.run("session", "show", "at-the-gate", "--bootstrap-servers", servers()))
                .isEqualTo(3);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("there is no session 'at-the-gate'");
    }

    private String servers() {
        return kinora.clients().settings().bootstrapServers().orElseThrow();
    }

    private String run(String... arguments) {
        out.reset();
        List<String> all = new ArrayList<>(List.of("session"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--bootstrap-servers", servers()));
        assertThat(KinoraCommand.run(all.toArray(String[]::new)))
                .as(err.toString(StandardCharsets.UTF_8))
                .isZero();
        return out.toString(StandardCharsets.UTF_8).strip();
    }
}
