package io.kinora.training.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.training.optim.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings of tiny models, from files and with saves as large ones have them. */
class RecipeRunTest {
    private static final Path RECIPES = Path.of("src/test/resources/io/kinora/training/recipe/tiny");

    private final Engine engine = Engines.open("libtorch", Device.CPU);

    @TempDir
    private Path states;

    private List<Trainer.Report> run(Path recipe, Path into) throws IOException {
        List<Trainer.Report> reports = new ArrayList<>();
        new RecipeRun(engine, into, reports::add).run(Recipe.read(recipe));
        return reports;
    }

    private static double mean(List<Trainer.Report> reports, String loss) {
        return reports.stream()
                .mapToDouble(report -> report.losses().get(loss))
                .average()
                .orElseThrow();
    }

    @Test
    void lowersTheLossOfAnswers() throws IOException {
        List<Trainer.Report> reports = run(RECIPES.resolve("answers.conf"), states);
        assertThat(reports).hasSize(40);
        assertThat(mean(reports.subList(30, 40), "answers")).isLessThan(0.5 * mean(reports.subList(0, 3), "answers"));
        assertThat(states.resolve("answers/metrics.jsonl")).content().contains("\"step\":40");
    }

    @Test
    void hasTheSameLossesWhetherInterruptedOrNot() throws IOException {
        List<Trainer.Report> whole = run(shortened("answers.conf", 6), states.resolve("whole"));
        List<Trainer.Report> parts = new ArrayList<>();
        Recipe recipe = Recipe.read(shortened("answers.conf", 6));
        for (int i = 0; i < 6; i++) { // a run without time takes one step and saves
            new RecipeRun(engine, states.resolve("parts"), parts::add).run(recipe.runningAtMost(Duration.ofNanos(1)));
        }
        assertThat(parts).extracting(Trainer.Report::step).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
        assertThat(parts)
                .extracting(Trainer.Report::losses)
                .isEqualTo(whole.stream().map(Trainer.Report::losses).toList());
    }

    private Path shortened(String recipe, int steps) throws IOException {
        String text = Files.readString(RECIPES.resolve(recipe)).replaceAll("steps = \\d+", "steps = " + steps);
        Path file = states.resolve("shortened.conf");
        Path model = RECIPES.resolve("model").toAbsolutePath();
        return Files.writeString(file, text.replace("model = \"model\"", "model = \"%s\"".formatted(model)));
    }

    @Test
    void namesTheKeyThatARecipeLacks() throws IOException {
        Path file = Files.writeString(states.resolve("bad.conf"), "name = x, stage = answers");
        assertThatThrownBy(() -> Recipe.read(file))
                .isInstanceOf(RecipeException.class)
                .hasMessageContaining("bad.conf")
                .hasMessageContaining("'model'");
    }

    @Test
    void namesWhatIsAllowedForAKey() throws IOException {
        Path file = Files.writeString(states.resolve("bad.conf"), "name = x, stage = dreams, model = m");
        assertThatThrownBy(() -> Recipe.read(file))
                .isInstanceOf(RecipeException.class)
                .hasMessageContaining("stage is 'dreams'")
                .hasMessageContaining("visual_decoding");
    }
}
