package io.kinora.service.cli;

import io.kinora.actors.shard.RenderSettings;
import io.kinora.service.KinoraNode;
import io.kinora.training.eval.GenerateEvaluation;
import io.kinora.training.eval.Score;
import io.kinora.video.StillImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kinora eval generate}: how many clips show what their prompts say. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        description =
                "Makes clips from held-out prompts, and judges colour, shape and motion twice: by image processing,"
                        + " and by asking the checkpoint about its own clips.")
final class EvalGenerateCommand implements Callable<Integer> {
    private static final int FRAMES_LOOKED_AT = 8;

    @Option(names = "--sheet", paramLabel = "FILE", description = "Writes a PNG picture of all clips.")
    private Optional<Path> sheet = Optional.empty();

    @Mixin
    private RenderOptions render = new RenderOptions();

    @Mixin
    private EvalOptions eval = new EvalOptions();

    @Mixin
    private NodeOptions options = new NodeOptions();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        eval.check();
        RenderSettings settings = render.settings(RenderSettings.Format.MP4, 0);
        Terminal terminal = Terminal.standard();
        try (KinoraNode node = KinoraNode.start(options.config())) {
            ServedCheckpoint served = new ServedCheckpoint(node, FRAMES_LOOKED_AT, settings);
            GenerateEvaluation.Result result = new GenerateEvaluation(render.seed, eval.clips)
                    .run(served, served, done -> terminal.progress("clips", done, eval.clips));
            if (sheet.isPresent()) {
                Files.write(sheet.get(), StillImage.png(result.sheet()));
            }
            Map<String, Score> rows = new LinkedHashMap<>();
            result.report().judged().forEach((attribute, score) -> rows.put(attribute.word(), score));
            rows.put("all", result.report().complete());
            result.report().answered().forEach((attribute, score) -> rows.put(attribute.word() + "-answered", score));
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("model", node.card().name());
            facts.put("clips", eval.clips);
            facts.put("seed", render.seed);
            return eval.report(spec, rows, facts, Map.of("made", result.report().clips()));
        }
    }
}
