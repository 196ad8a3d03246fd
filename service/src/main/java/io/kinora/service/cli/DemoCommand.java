package io.kinora.service.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import io.kinora.actors.pipeline.Pipelines;
import io.kinora.kafka.claim.ClaimCheckStore;
import io.kinora.kafka.claim.ClipPayloads;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.client.KafkaSettings;
import io.kinora.kafka.exchange.KinoraClient;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipPayload;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.ClipTarget;
import io.kinora.kafka.record.GeneratedVideo;
import io.kinora.kafka.record.JobState;
import io.kinora.kafka.record.Prompt;
import io.kinora.kafka.record.Question;
import io.kinora.kafka.topic.Topic;
import io.kinora.service.KafkaCluster;
import io.kinora.service.KinoraNode;
import io.kinora.video.ClipFrame;
import io.kinora.video.DecodeLimits;
import io.kinora.video.FrameSampler;
import io.kinora.video.RgbFrame;
import io.kinora.video.SampledClip;
import io.kinora.video.StillImage;
import io.kinora.video.VideoSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kinora demo}: the main job from end to end, over a broker of its own. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description =
                "Runs the main job: a clip is asked about and a video is generated, over a real Kafka broker in this process.",
        footer = {
            "",
            "Example: kinora demo --clip my.mp4 --question \"What happens first?\" --prompt \"a blue star spins\""
        })
final class DemoCommand implements Callable<Integer> {
    private static final String SAMPLE = "/samples/red-circle.mp4";
    private static final String STREAM = "demo";
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final int SHEET_COLUMNS = 4;
    private static final int SHEET_CELL = 160;

    @Option(names = "--clip", paramLabel = "FILE", description = "A clip of yours instead of the sample.")
    private Optional<Path> clip = Optional.empty();

    @Option(
            names = "--question",
            paramLabel = "TEXT",
            defaultValue = "What happens in the video?",
            description = "Default: ${DEFAULT-VALUE}")
    private String question = "";

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            defaultValue = "a red circle moves to the right",
            description = "Default: ${DEFAULT-VALUE}")
    private String prompt = "";

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "out",
            description = "Folder for the video. Default: ${DEFAULT-VALUE}.")
    private Path out = Path.of("out");

    @Option(names = "--max-tokens", defaultValue = "32", description = "Longest answer. Default: ${DEFAULT-VALUE}.")
    private int maxTokens;

    @Option(
            names = "--json",
            description = "Prints what came of it as JSON on standard output, beside what it tells on standard error.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Mixin
    private RenderOptions render = new RenderOptions();

    @Mixin
    private NodeOptions options = new NodeOptions();

    @Override
    public Integer call() throws Exception {
        Terminal terminal = Terminal.standard();
        Config config = options.config().withValue("kinora.kafka.embedded.port", ConfigValueFactory.fromAnyRef(0));
        Blob bytes = clipBytes();
        CompletableFuture<KafkaCluster> opening = CompletableFuture.supplyAsync(() -> KafkaCluster.open(config));
        try (KinoraNode node = KinoraNode.start(config);
                KafkaCluster cluster = opening.join()) {
            terminal.stage("broker up at " + cluster.address());
            terminal.line("          checkpoint %s%s"
                    .formatted(
                            node.card().name(),
                            node.card().untrained()
                                    ? ", UNTRAINED: the answer is nonsense and the video is noise"
                                    : ""));
            try (Pipelines pipelines = node.connect(cluster.settings());
                    KinoraClient client = new KinoraClient(new KafkaClients(cluster.settings()), "/kinora/demo")) {
                Map<String, Object> facts = new LinkedHashMap<>();
                facts.put("model", node.card().name());
                facts.put("untrained", node.card().untrained());
                facts.put("question", question);
                facts.put("answer", ask(client, cluster.settings(), bytes, terminal));
                facts.put("prompt", prompt);
                facts.put(
                        "video", generate(client, cluster.settings(), terminal).toString());
                if (json) {
                    Output.print(spec, true, facts);
                }
            }
        }
        return ExitStatus.DONE;
    }

    private Blob clipBytes() throws IOException {
        if (clip.isPresent()) {
            return new ClipArgument(clip.get().toString()).bytes();
        }
        try (InputStream sample = Objects.requireNonNull(DemoCommand.class.getResourceAsStream(SAMPLE), SAMPLE)) {
            return Blob.wrap(sample.readAllBytes());
        }
    }

    private String ask(KinoraClient client, KafkaSettings settings, Blob bytes, Terminal terminal) {
        ClipPayload payload = payloads(settings).pack(bytes, "video/mp4");
        String clipId = UUID.randomUUID().toString();
        ClipReference reference =
                client.publish(new Clip(clipId, STREAM, Optional.of("video/mp4"), payload, Instant.now()));
        terminal.stage("clip published: %s".formatted(reference));
        Question defaults = Question.of(UUID.randomUUID().toString(), question, new ClipTarget.At(reference));
        Question asked = defaults.withSettings(defaults.settings().withMaxNewTokens(maxTokens));
        terminal.stage(
                "question published to %s: %s".formatted(settings.topics().name(Topic.QUESTIONS), question));
        Answer answer = client.ask(asked, STREAM, piece -> {}, PATIENCE);
        if (answer.error().isPresent()) {
            throw new BadInputException(answer.error().get().message());
        }
        terminal.stage("answer read back from %s: %s"
                .formatted(settings.topics().name(Topic.ANSWERS), answer.text().strip()));
        terminal.line("          decode %s, encode %s, prefill %s, %d tokens in %s"
                .formatted(
                        Terminal.seconds(answer.timings().decode()),
                        Terminal.seconds(answer.timings().encode()),
                        Terminal.seconds(answer.timings().prefill()),
                        answer.tokens().completion(),
                        Terminal.seconds(answer.timings().generate())));
        return answer.text().strip();
    }

    private Path generate(KinoraClient client, KafkaSettings settings, Terminal terminal) throws IOException {
        String jobId = UUID.randomUUID().toString();
        Prompt.Generate generate = Prompt.Generate.of(jobId, prompt, render.wireSettings());
        terminal.stage("prompt published to %s: %s".formatted(settings.topics().name(Topic.PROMPTS), prompt));
        Optional<GeneratedVideo> made = client.render(generate, state -> show(state, terminal), PATIENCE);
        GeneratedVideo video = made.orElseThrow(() -> new BadInputException("no video was made"));
        Files.createDirectories(out);
        Path file = out.resolve(jobId + "." + video.format().extension());
        Blob bytes = payloads(settings).unpack(video.payload());
        Files.write(file, bytes.bytes());
        terminal.stage("video read back from %s: %s".formatted(settings.topics().name(Topic.VIDEOS), file));
        Path sheet = out.resolve(jobId + ".png");
        Files.write(sheet, contactSheet(bytes));
        terminal.line("          %d frames of %dx%d, H.264; all of them at a glance: %s"
                .formatted(
                        video.provenance().frames(),
                        video.provenance().width(),
                        video.provenance().height(),
                        sheet));
        return file;
    }

    private static void show(JobState state, Terminal terminal) {
        state.progress().ifPresent(progress -> terminal.progress("denoising", progress.step(), progress.total()));
        state.error().ifPresent(error -> terminal.line("the job failed: " + error.message()));
    }

    private byte[] contactSheet(Blob video) {
        SampledClip sampled = FrameSampler.uniform(render.frames.orElse(RenderOptions.CLIP_FRAMES))
                .sample(VideoSource.bytes(video.bytes()), DecodeLimits.defaults());
        List<RgbFrame> frames = sampled.frames().stream().map(ClipFrame::image).toList();
        return StillImage.png(StillImage.contactSheet(frames, SHEET_COLUMNS, SHEET_CELL));
    }

    private static ClipPayloads payloads(KafkaSettings settings) {
        return new ClipPayloads(
                ClaimCheckStore.inFolder(
                        settings.claimCheck().folder(), settings.claimCheck().maxSize()),
                settings.claimCheck().inlineUpTo());
    }
}
