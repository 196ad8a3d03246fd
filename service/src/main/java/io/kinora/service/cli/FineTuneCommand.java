package io.kinora.service.cli;

import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.training.data.ClipDataException;
import io.kinora.training.finetune.FineTuneSettings;
import io.kinora.training.finetune.FineTuning;
import io.kinora.training.optim.Trainer;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kinora finetune}: teaches a checkpoint what a folder of clips shows. */
@Command(
        name = "finetune",
        mixinStandardHelpOptions = true,
        description =
                "Fine-tunes a checkpoint on clips of yours: a folder with questions.jsonl or questions.csv that says what is"
                        + " asked about which clip, and what the answer is.",
        footer = {"", "Example: kinora finetune my-clips --checkpoint checkpoints/kinora-shapes -o my-checkpoint"})
final class FineTuneCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FOLDER", description = "Your clips and their questions (docs/tutorials/fine-tuning.md).")
    private Path clips = Path.of("");

    @Option(names = "--checkpoint", required = true, paramLabel = "DIR", description = "The checkpoint to begin with.")
    private Path checkpoint = Path.of("");

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "DIR",
            description = "Where the fine-tuned checkpoint goes.")
    private Path output = Path.of("");

    @Option(names = "--steps", defaultValue = "120", description = "Steps of training. Default: ${DEFAULT-VALUE}.")
    private int steps;

    @Option(names = "--rate", defaultValue = "5e-4", description = "Highest learning rate. Default: ${DEFAULT-VALUE}.")
    private double rate;

    @Option(names = "--frames", defaultValue = "8", description = "Frames of a clip. Default: ${DEFAULT-VALUE}.")
    private int frames;

    @Option(
            names = "--rehearsal",
            defaultValue = "0.5",
            description = "Share of clips from the world that kinora-shapes was trained in, against forgetting."
                    + " Default: ${DEFAULT-VALUE}.")
    private double rehearsal;

    @Option(names = "--seed", defaultValue = "1", description = "Of the batches. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "cpu",
            description = "cpu, cuda or cuda:N. Default: ${DEFAULT-VALUE}.")
    private String device = "cpu";

    @Mixin
    private JsonOption json = new JsonOption();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (!Files.isDirectory(checkpoint)) {
            throw new BadInputException("no such checkpoint folder: " + checkpoint);
        }
        if (Files.exists(output) && Files.isSameFile(output, checkpoint)) {
            throw new BadInputException("--output is the checkpoint itself: name another folder");
        }
        PrintWriter out = spec.commandLine().getOut();
        try (Interruption interruption = new Interruption();
                Engine engine = Engines.open("libtorch", Device.parse(device))) {
            FineTuneSettings defaults = FineTuneSettings.DEFAULT;
            FineTuneSettings settings =
                    new FineTuneSettings(steps, rate, frames, defaults.clips(), defaults.questions(), rehearsal, seed);
            FineTuning tuning = new FineTuning(engine, report -> show(report, out));
            interruption.stops(tuning::stop);
            if (!tuning.run(checkpoint, clips, output, settings)) {
                Terminal.standard().line("stopped: nothing was written");
                return ExitStatus.INTERRUPTED;
            }
        } catch (ClipDataException | IllegalArgumentException e) {
            throw new BadInputException(e.getMessage());
        }
        json.say(out, "wrote " + output, Map.of("checkpoint", output.toString(), "steps", steps));
        return ExitStatus.DONE;
    }

    private void show(Trainer.Report report, PrintWriter out) {
        if (report.step() % 10 == 0 || report.step() == steps) {
            double loss = report.losses().get("answers");
            json.say(
                    out,
                    String.format(
                            Locale.ROOT,
                            "step %d of %d  %.0f s  loss of answers %.3f",
                            report.step(),
                            steps,
                            report.seconds(),
                            loss),
                    Map.of("step", report.step(), "steps", steps, "seconds", report.seconds(), "loss", loss));
        }
    }
}
