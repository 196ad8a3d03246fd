package io.kinora.service.cli;

import akka.japi.Pair;
import akka.stream.KillSwitches;
import akka.stream.UniqueKillSwitch;
import akka.stream.javadsl.Keep;
import akka.stream.javadsl.Sink;
import io.kinora.actors.render.RenderEvent;
import io.kinora.actors.render.RenderRequest;
import io.kinora.actors.shard.RenderSettings;
import io.kinora.actors.shard.RenderedAs;
import io.kinora.service.KinoraNode;
import io.kinora.tensor.Engine;
import io.kinora.video.DecodeLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kinora generate}: a clip or picture from a prompt, a clip or a picture, without Kafka. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        description = "Makes a short video, or pictures, from a prompt, a clip or a picture, here and now.",
        footer = {
            "",
            "Examples:",
            "  kinora generate \"a red circle moves to the right\" --seed 7 -o out.mp4",
            "  kinora generate \"a lighthouse\" --checkpoint stable-diffusion-2-1 --size 768x768 -o lighthouse.png",
            "  kinora generate --from-clip in.mp4 --checkpoint Emu2-Gen -o again.mp4",
            "  kinora generate \"in winter\" --from-clip in.mp4 --strength 0.6 --checkpoint zeroscope_v2_576w -o winter.mp4"
        })
final class GenerateCommand implements Callable<Integer> {
    private static final int PREVIEWS = 16;

    @Parameters(paramLabel = "PROMPT", arity = "0..1", description = "What is to be seen.")
    private Optional<String> prompt = Optional.empty();

    @Mixin
    private From from = new From();

    @Option(
            names = "--strength",
            paramLabel = "SHARE",
            description =
                    "Starts from the clip's or picture's frames, and runs this share of the steps on them, above 0 to 1.")
    private Optional<Double> strength = Optional.empty();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where it goes: .mp4 (H.264), .webm (VP9), .png or .jpg, a picture of each frame."
                    + " Default: out.mp4, or out.png for a checkpoint of pictures.")
    private Optional<Path> output = Optional.empty();

    @Option(names = "--negative", paramLabel = "TEXT", description = "What is not to be seen.")
    private Optional<String> negative = Optional.empty();

    @Option(
            names = "--preview",
            paramLabel = "FILE",
            description = "A JPEG that shows, while the steps run, what it is going to look like.")
    private Optional<Path> preview = Optional.empty();

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Mixin
    private RenderOptions render = new RenderOptions();

    @Mixin
    private NodeOptions options = new NodeOptions();

    @Spec
    private CommandSpec spec;

    /** What it is made from, beside words. */
    static final class From {
        @Option(
                names = "--from-clip",
                paramLabel = "CLIP",
                description =
                        "A clip, file or address: autoencoded where the checkpoint sees, else changed (--strength).")
        private Optional<String> clip = Optional.empty();

        @Option(names = "--from-image", paramLabel = "IMAGE", description = "A picture (PNG, JPEG, WebP), likewise.")
        private Optional<String> image = Optional.empty();

        @Option(
                names = "--embeddings",
                paramLabel = "FILE",
                description =
                        "Visual embeddings, safetensors: 'embeddings' [n, width] or [frames, n, width], and for guidance"
                                + " 'negative' [n, width].")
        private Optional<Path> embeddings = Optional.empty();

        boolean isGiven() {
            return clip.isPresent() || image.isPresent() || embeddings.isPresent();
        }

        Optional<RenderRequest.Material> material(Engine engine) throws IOException {
            if (Stream.of(clip, image, embeddings).filter(Optional::isPresent).count() > 1) {
                throw new BadInputException(
                        "of --from-clip, --from-image and --embeddings several are given, allowed is one of them");
            }
            if (embeddings.isPresent()) {
                return Optional.of(EmbeddingsFile.read(embeddings.get(), engine));
            }
            if (image.isPresent()) {
                ClipArgument file = new ClipArgument(image.get());
                return Optional.of(
                        new RenderRequest.Still(file.source(), file.bytes().sha256(), DecodeLimits.defaults()));
            }
            if (clip.isPresent()) {
                ClipArgument file = new ClipArgument(clip.get());
                return Optional.of(new RenderRequest.Clip(file.source(), file.sha256(), DecodeLimits.defaults()));
            }
            return Optional.empty();
        }
    }

    @Override
    public Integer call() throws Exception {
        if (prompt.isEmpty() && !from.isGiven()) {
            throw new BadInputException(
                    "say what to make: a PROMPT, --from-clip CLIP, --from-image IMAGE or --embeddings FILE");
        }
        Optional<ResultFiles> named = output.map(ResultFiles::of);
        render.check(named.map(ResultFiles::format)
                .orElse(RenderSettings.Format.PNG)); // without a name, a clip or a picture
        Terminal terminal = Terminal.standard();
        try (Interruption interruption = new Interruption();
                KinoraNode node = KinoraNode.start(options.config())) {
            if (node.card().untrained()) {
                terminal.line("This checkpoint is untrained: the result shows nothing but coloured noise.");
            }
            ResultFiles result =
                    named.orElseGet(() -> ResultFiles.of(Path.of(node.makesClips() ? "out.mp4" : "out.png")));
            Pair<UniqueKillSwitch, CompletionStage<RenderEvent>> making = node.renders()
                    .render(request(result, from.material(node.engine())))
                    .wireTap(event -> show(event, terminal))
                    .viaMat(KillSwitches.single(), Keep.right())
                    .toMat(Sink.last(), Keep.both())
                    .run(node.system());
            interruption.stops(() -> making.first().abort(new CancellationException("told to end")));
            RenderEvent last;
            try {
                last = making.second().toCompletableFuture().join();
            } catch (CancellationException | CompletionException e) {
                if (interruption.came()) {
                    terminal.line("stopped: nothing was made");
                    return ExitStatus.INTERRUPTED;
                }
                throw e;
            }
            if (last instanceof RenderEvent.NotMade failed) {
                throw new BadInputException(failed.reason());
            }
            RenderEvent.Made made = (RenderEvent.Made) last;
            List<Path> files = result.write(made.files());
            Output.print(spec, json, facts(node, files, made.as()));
        }
        return ExitStatus.DONE;
    }

    private RenderRequest request(ResultFiles result, Optional<RenderRequest.Material> material) {
        return new RenderRequest(
                UUID.randomUUID().toString(),
                prompt,
                negative,
                material,
                strength,
                render.settings(result.format(), preview.isPresent() ? PREVIEWS : 0),
                0,
                Optional.empty());
    }

    private void show(RenderEvent event, Terminal terminal) {
        if (event instanceof RenderEvent.Imagined imagined) {
            terminal.stage("embeddings made in " + Terminal.seconds(imagined.took()));
        } else if (event instanceof RenderEvent.Stepped stepped) {
            terminal.progress("denoising", stepped.done(), stepped.total());
        } else if (event instanceof RenderEvent.Previewed previewed) {
            preview.ifPresent(file -> write(file, previewed));
        } else if (event instanceof RenderEvent.Made made) {
            RenderedAs.Times times = made.as().times();
            terminal.stage("prompt ready in " + Terminal.seconds(times.prompt()));
            terminal.stage("%d denoising steps in %s, %s each"
                    .formatted(
                            made.as().evaluations(),
                            Terminal.seconds(times.denoising()),
                            Terminal.seconds(times.denoising()
                                    .dividedBy(Math.max(1, made.as().evaluations())))));
            terminal.stage("frames decoded in %s, encoded beside it in %s, finished in %s"
                    .formatted(
                            Terminal.seconds(times.decoding()),
                            Terminal.seconds(times.encoding()),
                            Terminal.seconds(times.finishing())));
        }
    }

    private static void write(Path file, RenderEvent.Previewed previewed) {
        try {
            Files.write(file, previewed.picture().toArray());
        } catch (IOException e) {
            throw new UncheckedIOException("the preview cannot be written to " + file, e);
        }
    }

    private Map<String, Object> facts(KinoraNode node, List<Path> files, RenderedAs made) {
        Map<String, Object> facts = new LinkedHashMap<>();
        if (files.size() == 1) {
            facts.put("file", files.get(0).toString());
        } else {
            facts.put("files", files.stream().map(Path::toString).toList());
        }
        facts.put("frames", made.frames());
        facts.put("size", made.width() + "x" + made.height());
        facts.put("fps", render.fps);
        facts.put("steps", made.steps());
        facts.put("guidance", made.guidance());
        facts.put("sampler", made.sampler());
        facts.put("seed", render.seed);
        facts.put("model", node.card().name());
        facts.put("untrained", node.card().untrained());
        if (json) {
            facts.put("seconds", seconds(made.times()));
        }
        return facts;
    }

    private static Map<String, Object> seconds(RenderedAs.Times times) {
        Map<String, Object> seconds = new LinkedHashMap<>();
        seconds.put("prompt", seconds(times.prompt()));
        seconds.put("denoising", seconds(times.denoising()));
        seconds.put("decoding", seconds(times.decoding()));
        seconds.put("encoding", seconds(times.encoding()));
        seconds.put("finishing", seconds(times.finishing()));
        return seconds;
    }

    private static double seconds(Duration duration) {
        return Double.parseDouble(String.format(Locale.ROOT, "%.3f", duration.toNanos() / 1e9));
    }
}
