package io.kinora.service.cli;

import io.kinora.model.emu2.Emu2Folder;
import io.kinora.model.emu2.Emu2Footprint;
import io.kinora.model.emu2.Emu2LogitError;
import io.kinora.model.emu2.Emu2Options;
import io.kinora.model.emu2.Emu2Workload;
import io.kinora.model.llm.LogitError;
import io.kinora.model.nn.WeightBits;
import io.kinora.model.shard.ShardPlan;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kinora quantize}: what a checkpoint's answers lose, and its memory gains, with weights in fewer bits. */
@Command(
        name = "quantize",
        mixinStandardHelpOptions = true,
        description = {
            "Measures how far an Emu2 checkpoint's scores are from the stored ones when its language model's matrices are kept in fewer"
                    + " bits, and how much memory that saves. Changes no file.",
            "With --quantize, serve, ask and the others then keep them so."
        },
        footer = {"", "Example: kinora quantize --checkpoint Emu2-Chat --weights int4"})
final class QuantizeCommand implements Callable<Integer> {
    @Option(names = "--checkpoint", paramLabel = "DIR", required = true, description = "Folder of the checkpoint.")
    private Path checkpoint = Path.of(".");

    @Option(names = "--weights", paramLabel = "BITS", required = true, description = "int8 or int4.")
    private String weights = "";

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            description = "What the scores are compared on, once or more often. Default: a few sentences.")
    private List<String> prompts = List.of(
            "Describe the image in details:",
            "What moves in the video, and where to? A red circle moves to the right, and a blue square stands still.");

    @Mixin
    private EngineOptions engine = new EngineOptions();

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (!Files.isDirectory(checkpoint)) {
            throw new BadInputException("no such checkpoint folder: " + checkpoint);
        }
        WeightBits bits = WeightBits.named(weights);
        try (Engine opened = engine.open()) {
            Emu2LogitError measure = new Emu2LogitError(Emu2Folder.find(checkpoint), opened);
            // As on the CPU: a scheme's own error is seen best beside single precision.
            Emu2Options full = measure.options(DType.F32);
            Emu2Options reduced =
                    full.withLanguageWeights(measure.config().language().scheme(bits));
            LogitError error = measure.between(full, reduced, prompts);
            print(error, bytes(measure, full), bytes(measure, reduced));
        }
        return ExitStatus.DONE;
    }

    private static long bytes(Emu2LogitError measure, Emu2Options options) {
        return new Emu2Footprint(measure.config(), DType.F32, options)
                .of(Emu2Workload.of(1, 1))
                .weightBytes();
    }

    private void print(LogitError error, long fullBytes, long reducedBytes) throws Exception {
        if (json) {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("weights", weights);
            facts.put("largestError", error.largest());
            facts.put("relativeError", error.relative());
            facts.put("divergence", error.divergence());
            facts.put("sameBestToken", error.sameBest());
            facts.put("fullBytes", fullBytes);
            facts.put("reducedBytes", reducedBytes);
            Output.print(spec, true, facts);
            return;
        }
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                Locale.ROOT,
                "%s: largest error of a score %.4g (%.3g of the largest score), divergence %.3g nats, same best token at %.1f %% of the"
                        + " positions%n",
                weights,
                error.largest(),
                error.relative(),
                error.divergence(),
                100 * error.sameBest());
        out.printf("weights in single precision %s, so %s%n", ShardPlan.size(fullBytes), ShardPlan.size(reducedBytes));
        out.flush();
    }
}
