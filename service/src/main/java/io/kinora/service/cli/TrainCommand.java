package io.kinora.service.cli;

import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.training.optim.Trainer;
import io.kinora.training.recipe.Recipe;
import io.kinora.training.recipe.RecipeRun;
import io.kinora.training.recipe.Release;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kinora train}: trains a small checkpoint, stage by stage, and puts it together. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        description = {
            "Follows a training recipe, or goes on with it where it stopped. Control-C saves first; the losses of a training that was stopped and"
                    + " resumed are those of one that was not.",
            "With --release, puts a checkpoint together out of the trainings that the file names."
        },
        footer = {
            "",
            "Example: kinora train training/recipes/kinora-shapes/see.conf",
            "         kinora train training/recipes/kinora-shapes/release.conf --release my-checkpoint"
        })
final class TrainCommand implements Callable<Integer> {
    private static final long SAVING_MILLIS = 60_000;

    @Parameters(paramLabel = "RECIPE", description = "A recipe, as those in training/recipes.")
    private Path recipe = Path.of("");

    @Option(
            names = "--states",
            paramLabel = "DIR",
            defaultValue = "data/training",
            description = "Folder in which every recipe keeps its state and its losses. Default: ${DEFAULT-VALUE}.")
    private Path states = Path.of("data/training");

    @Option(
            names = "--minutes",
            paramLabel = "N",
            description = "Saves and stops after this time. Default: at the recipe's end.")
    private Optional<Long> minutes = Optional.empty();

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "cpu",
            description = "cpu, cuda or cuda:N. Default: ${DEFAULT-VALUE}.")
    private String device = "cpu";

    @Option(
            names = "--every",
            paramLabel = "STEPS",
            defaultValue = "50",
            description = "Steps between two lines of output. Default: ${DEFAULT-VALUE}.")
    private int every;

    @Option(names = "--release", paramLabel = "FOLDER", description = "Puts a checkpoint together in this folder.")
    private Optional<Path> release = Optional.empty();

    @Mixin
    private JsonOption json = new JsonOption();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (every < 1) {
            throw new BadInputException("--every is %d, allowed are 1 and more".formatted(every));
        }
        try (Engine engine = Engines.open("libtorch", Device.parse(device))) {
            if (release.isPresent()) {
                new Release(engine, states).write(recipe, release.get());
                json.say(
                        out,
                        "wrote " + release.get(),
                        Map.of("checkpoint", release.get().toString()));
                return ExitStatus.DONE;
            }
            Recipe read = Recipe.read(recipe);
            Recipe bounded =
                    minutes.map(n -> read.runningAtMost(Duration.ofMinutes(n))).orElse(read);
            return train(engine, bounded, out);
        }
    }

    private int train(Engine engine, Recipe bounded, PrintWriter out) throws IOException {
        Means means = new Means();
        RecipeRun run = new RecipeRun(engine, states, report -> {
            means.add(report.losses());
            if (report.step() % every == 0) {
                show(report, means.take(), out);
            }
        });
        Runtime.getRuntime().addShutdownHook(savingWhenStopped(run, Thread.currentThread()));
        long steps = run.run(bounded);
        Path saved = states.resolve(bounded.name());
        json.say(
                out,
                "%s: %d of %d steps, saved in %s"
                        .formatted(bounded.name(), steps, bounded.plan().steps(), saved),
                Map.of(
                        "recipe",
                        bounded.name(),
                        "done",
                        steps,
                        "steps",
                        bounded.plan().steps(),
                        "folder",
                        saved.toString()));
        return ExitStatus.DONE;
    }

    /** Lets the training save before the process ends. */
    private static Thread savingWhenStopped(RecipeRun run, Thread training) {
        return new Thread(
                () -> {
                    run.stop();
                    try {
                        training.join(SAVING_MILLIS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "saving");
    }

    private void show(Trainer.Report report, Map<String, Double> losses, PrintWriter out) {
        json.say(
                out,
                line(report, losses),
                Map.of(
                        "step",
                        report.step(),
                        "seconds",
                        report.seconds(),
                        "rate",
                        report.taken().rate(),
                        "losses",
                        losses));
    }

    private static String line(Trainer.Report report, Map<String, Double> losses) {
        String shown = losses.entrySet().stream()
                .map(loss -> String.format(Locale.ROOT, "%s %.4f", loss.getKey(), loss.getValue()))
                .collect(Collectors.joining("  "));
        return String.format(
                Locale.ROOT,
                "step %d  %.0f s  rate %.2g  %s",
                report.step(),
                report.seconds(),
                report.taken().rate(),
                shown);
    }

    /** Means since the last line; a stage of several objectives does not report every loss at every step. */
    private static final class Means {
        private final Map<String, double[]> sums = new TreeMap<>();

        void add(Map<String, Double> losses) {
            losses.forEach((name, loss) -> {
                double[] sum = sums.computeIfAbsent(name, absent -> new double[2]);
                sum[0] += loss;
                sum[1]++;
            });
        }

        Map<String, Double> take() {
            Map<String, Double> means = new TreeMap<>();
            sums.forEach((name, sum) -> means.put(name, sum[0] / sum[1]));
            sums.clear();
            return means;
        }
    }
}
