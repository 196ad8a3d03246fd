package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.service.cli.KinoraCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of docs/tutorials/fine-tune.md, one after the other, on a tiny checkpoint in the place of the one that Kinora ships. */
@Tag("slow")
class FineTuneTutorialTest {
    private static final Path TUTORIAL = Path.of("../docs/tutorials/fine-tune.md");
    private static final Path RECIPES = Path.of("../training/recipes/fine-tune");
    private static final Path TINY = Path.of("../training/src/test/resources/io/kinora/training/recipe/tiny");
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

    @TempDir
    private Path home;

    @Test
    void itsCommandsTeachACheckpointWhatAFolderOfClipsSays() throws IOException {
        shipTinyCheckpoint();
        List<String> commands = commands();
        assertThat(commands).hasSizeGreaterThanOrEqualTo(4);
        for (String command : commands) {
            assertThat(KinoraCommand.run(arguments(command))).as(command).isZero();
        }
        assertThat(home.resolve("my-clips/questions.jsonl")).content().contains("turquoise");
        assertThat(home.resolve("data/training/fine-tune/losses.png")).exists();
        assertThat(Files.readAllLines(home.resolve("data/training/fine-tune/metrics.jsonl")))
                .hasSize(12);
        assertThat(home.resolve("my-checkpoint/multimodal_encoder/model.safetensors"))
                .exists();
    }

    /** A checkpoint of all parts, trained for a few steps each, and the recipes of the tutorial beside it. */
    private void shipTinyCheckpoint() throws IOException {
        Path recipes = home.resolve("training/recipes");
        copy(TINY, recipes.resolve("kinora-shapes"));
        copy(RECIPES, recipes.resolve("fine-tune"));
        for (String recipe : List.of("see", "autoencode", "unify", "decode")) {
            shorten(recipes.resolve("kinora-shapes/" + recipe + ".conf"), 4);
            assertThat(KinoraCommand.run(
                            "train",
                            recipes.resolve("kinora-shapes/" + recipe + ".conf").toString(),
                            "--states",
                            home.resolve("data/training").toString()))
                    .isZero();
        }
        assertThat(KinoraCommand.run(
                        "train",
                        recipes.resolve("kinora-shapes/release.conf").toString(),
                        "--states",
                        home.resolve("data/training").toString(),
                        "--release",
                        home.resolve("checkpoints/kinora-shapes").toString()))
                .isZero();
        shorten(recipes.resolve("fine-tune/answers.conf"), 12);
    }

    private static void shorten(Path recipe, int steps) throws IOException {
        String text = Files.readString(recipe)
                .replaceAll("steps = \\d+", "steps = " + steps)
                .replaceAll("warm-up = \\d+", "warm-up = 2");
        Files.writeString(recipe, text);
    }

    /** The lines of the tutorial that begin with Kinora's launcher. */
    private static List<String> commands() throws IOException {
        return Files.readAllLines(TUTORIAL, StandardCharsets.UTF_8).stream()
                .filter(line -> line.startsWith("./kinora "))
                .toList();
    }

    /** Its words, with paths led into the test's folder, and the folders for what is kept led there too. */
    private String[] arguments(String command) {
        List<String> words = new ArrayList<>();
        WORD.matcher(command.substring("./kinora ".length()))
                .results()
                .map(FineTuneTutorialTest::text)
                .map(word -> word.startsWith("my-") || word.startsWith("training/")
                        ? home.resolve(word).toString()
                        : word)
                .forEach(words::add);
        if (words.get(0).equals("train")) {
            words.addAll(List.of("--states", home.resolve("data/training").toString()));
        } else if (words.get(0).equals("ask")) {
            words.addAll(List.of("--data", home.resolve("data").toString()));
        }
        return words.toArray(String[]::new);
    }

    private static String text(MatchResult word) {
        return word.group(1) == null ? word.group(2) : word.group(1);
    }

    private static void copy(Path from, Path to) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(from)) {
            files = walk.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            Path target = to.resolve(from.relativize(file).toString());
            Files.createDirectories(Objects.requireNonNull(target.getParent()));
            Files.copy(file, target);
        }
    }
}
