package io.kinora.training.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kinora.decoder.pipeline.CancelSignal;
import io.kinora.decoder.pipeline.DiffusionPipeline;
import io.kinora.decoder.pipeline.GenerationListener;
import io.kinora.decoder.pipeline.GenerationRequest;
import io.kinora.decoder.pipeline.Pipelines;
import io.kinora.decoder.pipeline.PixelFrame;
import io.kinora.decoder.pipeline.Prompt;
import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.emu2.Emu2Config;
import io.kinora.model.emu2.Emu2Folder;
import io.kinora.model.emu2.Emu2Model;
import io.kinora.model.emu2.Emu2Options;
import io.kinora.model.text.Tokenizers;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.training.optim.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings of tiny models, from files and with saves as large ones have them. */
@Tag("slow")
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
    void trainsEveryPartOfACheckpointThatServingOpens() throws IOException {
        lowers("see.conf", "patch-colour");
        lowers("autoencode.conf", "absolute");
        lowers("unify.conf", "embeddings");
        lowers("decode.conf", "velocity");
        assertThat(ImageIO.read(states.resolve("decode/losses.png").toFile()).getWidth())
                .isPositive();
        Path checkpoint = states.resolve("checkpoint");
        new Release(engine, states).write(RECIPES.resolve("release.conf"), checkpoint);
        List<PixelFrame> frames = new ArrayList<>();
        try (DiffusionPipeline pipeline = Pipelines.open(checkpoint, engine);
                Scope scope = engine.scope()) {
            int embeddings = 4 * Pipelines.keyFrames(checkpoint);
            Tensor seen = engine.zeros(DType.F32, embeddings, 32);
            GenerationRequest request = GenerationRequest.of(new Prompt.Embeddings(seen, Optional.of(seen)))
                    .frames(4)
                    .build();
            pipeline.generate(request, new Frames(frames), CancelSignal.NEVER);
        }
        assertThat(frames).hasSize(4).allSatisfy(frame -> assertThat(frame.width())
                .isEqualTo(32));
        Emu2Folder folder = Emu2Folder.find(checkpoint);
        Emu2Options options = Emu2Options.asStored(1L << 22).withComputeType(DType.F32);
        Emu2Config sizes = Emu2Config.read(folder.config());
        try (Checkpoint weights = Emu2Model.open(folder, engine, options)) {
            weights.load(view -> Emu2Model.of(view, sizes, options)).close();
        }
        assertThat(Tokenizers.open(folder.tokenizer()).vocabularySize())
                .isEqualTo(sizes.language().vocabSize());
    }

    private void lowers(String recipe, String loss) throws IOException {
        List<Trainer.Report> reports = run(RECIPES.resolve(recipe), states).stream()
                .filter(report -> report.losses().containsKey(loss))
                .toList();
        assertThat(mean(reports.subList(reports.size() - 5, reports.size()), loss))
                .as("%s of %s", loss, recipe)
                .isLessThan(0.95 * mean(reports.subList(0, 3), loss));
    }

    private record Frames(List<PixelFrame> made) implements GenerationListener {
        @Override
        public void frame(int index, Tensor pixels) {
            made.add(PixelFrame.of(pixels));
        }
    }

    @Test
    void startsFromWhatTheReleasedCheckpointHolds() throws IOException {
        run(RECIPES.resolve("answers.conf"), states);
        run(shortened("see.conf", 4), states);
        run(shortened("autoencode.conf", 4), states);
        run(shortened("unify.conf", 4), states);
        run(shortened("decode.conf", 4), states);
        Path checkpoint = states.resolve("checkpoint");
        Path release = Files.writeString(
                states.resolve("release.conf"),
                Files.readString(RECIPES.resolve("release.conf"))
                        .replace("encoder = unify", "encoder = answers")
                        .replace(
                                "\"model\"",
                                "\"%s\"".formatted(RECIPES.resolve("model").toAbsolutePath())));
        new Release(engine, states).write(release, checkpoint);
        Path again = Files.writeString(
                states.resolve("again.conf"),
                Files.readString(shortened("answers.conf", 20))
                        .replace("name = answers", "name = again")
                        .replace("seed = 1", "seed = 9")
                        .concat("starts-from = [{ checkpoint = \"checkpoint\", only = [\"\"] }]\n"));
        List<Trainer.Report> first = run(RECIPES.resolve("answers.conf"), states.resolve("fresh"));
        List<Trainer.Report> reports = run(again, states);
        assertThat(mean(reports.subList(0, 2), "answers")).isLessThan(0.7 * mean(first.subList(0, 2), "answers"));
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

    @Test
    void savesWhenItIsStopped() throws IOException {
        List<Trainer.Report> reports = new ArrayList<>();
        AtomicReference<RecipeRun> running = new AtomicReference<>();
        RecipeRun run = new RecipeRun(engine, states, report -> {
            reports.add(report);
            running.get().stop();
        });
        running.set(run);
        assertThat(run.run(Recipe.read(RECIPES.resolve("answers.conf")))).isEqualTo(1);
        assertThat(reports).hasSize(1);
        assertThat(states.resolve("answers/step-1")).isDirectory();
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
