package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.kafka.record.ClipReference;
import io.kinora.service.Printed;
import io.kinora.service.cli.KinoraCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A conversation on the command line, with a service that runs. */
@Tag("slow")
@ExtendWith(RunningKinora.Extension.class)
class SessionCommandTest {
    private final RunningKinora kinora;

    @RegisterExtension
    final Printed printed = new Printed();

    @TempDir
    Path folder;

    SessionCommandTest(RunningKinora kinora) {
        this.kinora = kinora;
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
        assertThat(printed.err()).contains("there is no session 'at-the-gate'");
    }

    private String servers() {
        return kinora.clients().settings().bootstrapServers().orElseThrow();
    }

    private String run(String... arguments) {
        printed.forgetOut();
        List<String> all = new ArrayList<>(List.of("session"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--bootstrap-servers", servers()));
        assertThat(KinoraCommand.run(all.toArray(String[]::new)))
                .as(printed.err())
                .isZero();
        return printed.out().strip();
    }
}
