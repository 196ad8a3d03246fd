package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.service.cli.KinoraCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The commands of docs/tutorials/fine-tuning.md, on the checkpoint of this repository. */
class FineTuneCommandTest {
    private static final Path TUTORIAL = Path.of("../docs/tutorials/fine-tuning.md");
    private static final String SHIPPED = "../checkpoints/kinora-shapes";
    private static final String LAUNCHER = "./kinora ";
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

    @RegisterExtension
    final Printed printed = new Printed();

    @TempDir
    Path folder;

    @Test
    @Tag("slow")
    void theCommandsOfTheTutorialTeachTheShippedCheckpointANewColour() throws IOException {
        List<String> answers = new ArrayList<>();
        for (String command : commands()) {
            printed.forgetOut();
            assertThat(KinoraCommand.run(arguments(command)))
                    .as("%s: %s", command, printed.err())
                    .isZero();
            if (command.contains(" ask ")) {
                answers.add(printed.out().lines().findFirst().orElse("").strip());
            }
        }
        assertThat(answers).hasSize(2);
        assertThat(answers.get(0)).isNotEqualTo("turquoise");
        assertThat(answers.get(1)).isEqualTo("turquoise");
    }

    /** The lines of the tutorial that begin with Kinora's launcher. */
    private static List<String> commands() throws IOException {
        return Files.readAllLines(TUTORIAL, StandardCharsets.UTF_8).stream()
                .filter(line -> line.startsWith(LAUNCHER))
                .toList();
    }

    /** Its words, with the user's folders led into the test's and the shipped checkpoint named. */
    private String[] arguments(String command) {
        List<String> words = new ArrayList<>();
        WORD.matcher(command.substring(LAUNCHER.length()))
                .results()
                .map(found -> found.group(1) == null ? found.group(2) : found.group(1))
                .map(word -> word.startsWith("my-") || word.startsWith("other-")
                        ? folder.resolve(word).toString()
                        : word.replace("checkpoints/kinora-shapes", SHIPPED))
                .forEach(words::add);
        if (words.get(0).equals("ask")) {
            words.addAll(List.of("--data", folder.resolve("data").toString()));
            if (!words.contains("--checkpoint")) {
                words.addAll(List.of("--checkpoint", SHIPPED));
            }
        }
        return words.toArray(String[]::new);
    }

    @Test
    void aCheckpointIsNotWrittenOverItself() {
        int status = KinoraCommand.run(
                "finetune", folder.toString(), "--checkpoint", folder.toString(), "-o", folder.toString());
        assertThat(status).isEqualTo(3);
        assertThat(printed.err()).contains("name another folder");
    }
}
