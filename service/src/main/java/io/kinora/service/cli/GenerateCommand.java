package io.kinora.service.cli;

import akka.stream.javadsl.Sink;
import io.kinora.actors.render.RenderEvent;
import io.kinora.actors.render.RenderRequest;
import io.kinora.actors.shard.RenderJob;
import io.kinora.service.KinoraNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kinora generate}: a clip from a prompt, without Kafka. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        description = "Makes a short video from a prompt, here and now.",
        footer = {"", "Example: kinora generate \"a red circle moves to the right\" --seed 7 -o out.mp4"})
final class GenerateCommand implements Callable<Integer> {
    @Parameters(paramLabel = "PROMPT", description = "What the video shows.")
    private String prompt = "";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            defaultValue = "out.mp4",
            description = "Where the video goes: .mp4 (H.264) or .webm (VP9). Default: ${DEFAULT-VALUE}.")
    private Path output = Path.of("out.mp4");

    @Option(names = "--negative", paramLabel = "TEXT", description = "What it must not show.")
    private Optional<String> negative = Optional.empty();

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Mixin
    private RenderOptions render = new RenderOptions();

    @Mixin
    private NodeOptions options = new NodeOptions();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        RenderJob.Format format = format();
        Terminal terminal = Terminal.standard();
        try (KinoraNode node = KinoraNode.start(options.config())) {
            if (node.card().untrained()) {
                terminal.line("This checkpoint is untrained: the video shows nothing but coloured noise.");
            }
            RenderEvent last = node.renders()
                    .render(request(format))
                    .wireTap(event -> show(event, terminal))
                    .runWith(Sink.last(), node.system())
                    .toCompletableFuture()
                    .join();
            if (last instanceof RenderEvent.NotMade failed) {
                throw new BadInputException(failed.reason());
            }
            RenderEvent.Made made = (RenderEvent.Made) last;
            Files.write(output, made.clip().toArray());
            Output.print(spec, json, facts(node, made));
        }
        return ExitStatus.DONE;
    }

    private RenderJob.Format format() {
        String name = output.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".mp4")) {
            return RenderJob.Format.MP4;
        }
        if (name.endsWith(".webm")) {
            return RenderJob.Format.WEBM;
        }
        throw new BadInputException("--output is %s, allowed are names ending in .mp4 and .webm".formatted(output));
    }

    private RenderRequest request(RenderJob.Format format) {
        return new RenderRequest(
                UUID.randomUUID().toString(),
                prompt,
                negative,
                Optional.of(render.frames),
                render.pixels().map(sides -> new RenderJob.Size(sides[0], sides[1])),
                render.fps,
                render.steps,
                render.guidance,
                render.seed,
                render.sampler,
                format,
                0,
                Optional.empty());
    }

    private static void show(RenderEvent event, Terminal terminal) {
        if (event instanceof RenderEvent.Imagined imagined) {
            terminal.stage("prompt turned into embeddings in " + Terminal.seconds(imagined.took()));
        } else if (event instanceof RenderEvent.Stepped stepped) {
            terminal.progress("denoising", stepped.done(), stepped.total());
        } else if (event instanceof RenderEvent.Made made) {
            terminal.stage("denoised in %s, decoded and encoded in %s"
                    .formatted(
                            Terminal.seconds(made.as().denoising()),
                            Terminal.seconds(made.as().decoding())));
        }
    }

    private Map<String, Object> facts(KinoraNode node, RenderEvent.Made made) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("file", output.toString());
        facts.put("frames", made.as().frames());
        facts.put("size", made.as().width() + "x" + made.as().height());
        facts.put("fps", render.fps);
        facts.put("steps", made.as().steps());
        facts.put("guidance", made.as().guidance());
        facts.put("seed", render.seed);
        facts.put("model", node.card().name());
        facts.put("untrained", node.card().untrained());
        return facts;
    }
}
