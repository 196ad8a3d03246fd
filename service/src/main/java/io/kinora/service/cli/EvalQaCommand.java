package io.kinora.service.cli;

import io.kinora.actors.shard.RenderSettings;
import io.kinora.service.KinoraNode;
import io.kinora.training.eval.QaEvaluation;
import io.kinora.training.eval.QaReport;
import io.kinora.training.eval.Score;
import io.kinora.training.world.Split;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kinora eval qa}: how many questions a checkpoint answers rightly. */
@Command(
        name = "qa",
        mixinStandardHelpOptions = true,
        description =
                "Asks about held-out clips, one question of each kind that a clip allows, and counts exact matches.")
final class EvalQaCommand implements Callable<Integer> {
    @Option(
            names = "--frames",
            defaultValue = "8",
            description = "Frames the model looks at: 8, 12 or 16. Default: ${DEFAULT-VALUE}.")
    private int frames;

    @Option(
            names = "--seed",
            defaultValue = "2",
            description = "Of the clips and questions. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Mixin
    private EvalOptions eval = new EvalOptions();

    @Mixin
    private NodeOptions options = new NodeOptions();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        eval.check();
        if (frames != 8 && frames != 12 && frames != 16) {
            throw new BadInputException("--frames is %d, allowed are 8, 12 and 16".formatted(frames));
        }
        Terminal terminal = Terminal.standard();
        try (KinoraNode node = KinoraNode.start(options.config())) {
            QaReport report = new QaEvaluation(seed, eval.clips)
                    .run(
                            new ServedCheckpoint(node, frames, RenderSettings.DEFAULT),
                            done -> terminal.progress("clips", done, eval.clips));
            Map<String, Score> rows = new LinkedHashMap<>();
            report.kinds().forEach((kind, score) -> rows.put(kind.word(), score));
            rows.put("all", report.all());
            report.phrasings()
                    .forEach((split, score) ->
                            rows.put(split == Split.TRAIN ? "phrasing-trained" : "phrasing-held-out", score));
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("model", node.card().name());
            facts.put("clips", report.clips());
            facts.put("frames", frames);
            facts.put("seed", seed);
            return eval.report(spec, rows, facts, Map.of("mistakes", report.mistakes()));
        }
    }
}
