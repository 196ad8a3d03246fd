package io.kinora.service.cli;

import io.kinora.actors.shard.RenderSettings;
import io.kinora.service.KinoraNode;
import io.kinora.training.eval.AutoencodeEvaluation;
import io.kinora.training.eval.Score;
import io.kinora.video.StillImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kinora eval autoencode}: what survives when a clip is encoded, and decoded from its embeddings. */
@Command(
        name = "autoencode",
        mixinStandardHelpOptions = true,
        description = "Encodes held-out clips and decodes them again; tells PSNR, SSIM and which attributes survive.")
final class EvalAutoencodeCommand implements Callable<Integer> {
    private static final int FRAMES_LOOKED_AT = 8;

    @Option(
            names = "--sheet",
            paramLabel = "FILE",
            description = "Writes a PNG picture of all clips, each beside what it was.")
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
            AutoencodeEvaluation.Result result = new AutoencodeEvaluation(render.seed, eval.clips)
                    .run(
                            new ServedCheckpoint(node, FRAMES_LOOKED_AT, settings),
                            done -> terminal.progress("clips", done, eval.clips));
            if (sheet.isPresent()) {
                Files.write(sheet.get(), StillImage.png(result.sheet()));
            }
            Map<String, Score> rows = new LinkedHashMap<>();
            result.report().survived().forEach((attribute, score) -> rows.put(attribute.word(), score));
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("model", node.card().name());
            facts.put("clips", eval.clips);
            facts.put("seed", render.seed);
            facts.put("psnr", rounded(result.report().psnr()));
            facts.put("ssim", rounded(result.report().ssim()));
            return eval.report(spec, rows, facts, Map.of());
        }
    }

    private static double rounded(double number) {
        return Double.parseDouble(String.format(Locale.ROOT, "%.3f", number));
    }
}
