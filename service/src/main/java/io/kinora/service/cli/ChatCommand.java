package io.kinora.service.cli;

import akka.stream.javadsl.Sink;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kinora.actors.compose.ComposeEvent;
import io.kinora.actors.compose.ComposeRequest;
import io.kinora.actors.compose.Material;
import io.kinora.actors.shard.AnswerForm;
import io.kinora.actors.shard.TextOptions;
import io.kinora.model.modaverse.meta.Modality;
import io.kinora.service.KinoraNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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

/** {@code kinora chat}: media and an instruction in, whatever modality it asks for out; without Kafka. */
@Command(
        name = "chat",
        resourceBundle = "io.kinora.service.cli.chat",
        mixinStandardHelpOptions = true,
        description = {
            "Gives media and an instruction to a ModaVerse, here and now, and writes what its answer asks for: text, pictures, sounds, clips.",
            "Beside each file lies a .json that says where it comes from."
        },
        footer = {
            "",
            "Examples:",
            "  kinora chat --model modaverse --checkpoint DIR --media cat.mp4 --media rain.wav \"Make a picture of this\" \\",
            "      --generator image=stable-diffusion-v1-5",
            "  kinora chat --checkpoint DIR --media audio:cat.mp4 \"What do you hear?\"",
            "  kinora chat --checkpoint DIR \"Show me rain\" --generator video=https://host/v1 --answer video"
        })
final class ChatCommand implements Callable<Integer> {
    private static final ObjectMapper JSON =
            new ObjectMapper().registerModule(new Jdk8Module()).enable(SerializationFeature.INDENT_OUTPUT);

    @Parameters(paramLabel = "INSTRUCTION", description = "What is wanted.")
    private String instruction = "";

    @Option(names = "--model", defaultValue = "modaverse", description = "Kind of the model: modaverse.")
    private String model = "";

    @Option(
            names = "--media",
            paramLabel = "FILE",
            description = "A picture, clip or sound; audio:FILE for a clip's own sound. May be given several times.")
    private List<String> media = List.of();

    @Option(
            names = "--generator",
            paramLabel = "MODALITY=WHERE",
            description =
                    "Who makes image, audio or video: a checkpoint's folder, or an OpenAI-compatible address as far as /v1.")
    private Map<String, String> generators = new LinkedHashMap<>();

    @Option(
            names = "--answer",
            paramLabel = "MODALITY",
            split = ",",
            description =
                    "Holds the answer to these modalities: text, image, audio, video. Default: the model's choice.")
    private List<String> answer = List.of();

    @Option(
            names = "--constrained",
            description = "Holds the answer to a well-formed meta-response, of any modality. Implied by --answer.")
    private boolean constrained;

    @Option(
            names = "--strength",
            paramLabel = "SHARE",
            description =
                    "Changes the picture or clip that is given, where one of its kind is asked for, instead of making one anew; above 0 to 1.")
    private Optional<Double> strength = Optional.empty();

    @Option(names = "--seed", defaultValue = "0", description = "Seed of what is made. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--max-tokens",
            defaultValue = "246",
            description = "Most tokens of the meta-response. Default: ${DEFAULT-VALUE}.")
    private int maxTokens;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            defaultValue = "out",
            description = "Folder of what is made. Default: ${DEFAULT-VALUE}.")
    private Path output = Path.of("out");

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Mixin
    private NodeOptions options = new NodeOptions();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (!model.equals("modaverse")) {
            throw new BadInputException("--model is %s, allowed is modaverse".formatted(model));
        }
        Config config = withGenerators(options.config());
        if (config.getString("kinora.checkpoint").isEmpty()) {
            throw new BadInputException(
                    "a ModaVerse needs --checkpoint DIR: the folder with 7b_v0, ModaVerse-7b and imagebind_huge.pth");
        }
        List<Material> materials = new ArrayList<>();
        for (String medium : media) {
            materials.add(MediaArgument.of(medium));
        }
        ComposeRequest request = new ComposeRequest(
                UUID.randomUUID().toString(),
                instruction,
                materials,
                TextOptions.greedy(maxTokens),
                form(),
                seed,
                strength,
                0,
                Optional.empty());
        try (KinoraNode node = KinoraNode.start(config)) {
            List<ComposeEvent> events = node.composes()
                    .compose(request)
                    .runWith(Sink.seq(), node.system())
                    .toCompletableFuture()
                    .join();
            return report(events);
        }
    }

    private Config withGenerators(Config config) {
        Map<String, Object> given = new LinkedHashMap<>();
        generators.forEach((modality, where) -> {
            String path = "kinora.generators." + modality(modality).label();
            boolean address = where.matches("(?i)https?://.*");
            given.put(path + ".kind", address ? "endpoint" : "checkpoint");
            given.put(path + (address ? ".url" : ".folder"), where);
        });
        return ConfigFactory.parseMap(given).withFallback(config).resolve();
    }

    private Optional<AnswerForm> form() {
        return ComposeRequest.form(
                constrained, answer.stream().map(name -> modality(name).label()).toList());
    }

    private static Modality modality(String name) {
        return Modality.labelled(name)
                .orElseThrow(() -> new BadInputException(
                        "there is no modality '%s', allowed are text, image, audio and video".formatted(name)));
    }

    private int report(List<ComposeEvent> events) throws IOException {
        Map<String, Object> facts = new LinkedHashMap<>();
        List<String> files = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        for (ComposeEvent event : events) {
            if (event instanceof ComposeEvent.Responded responded) {
                facts.put("metaResponse", responded.response().raw());
            } else if (event instanceof ComposeEvent.Said said) {
                texts.add(said.text());
            } else if (event instanceof ComposeEvent.Made made) {
                files.addAll(write(made));
            } else if (event instanceof ComposeEvent.NotMade failed) {
                failures.add(failed.reason());
            } else if (event instanceof ComposeEvent.NotUnderstood refused) {
                throw new BadInputException(refused.reason());
            }
        }
        facts.put("texts", texts);
        facts.put("files", files);
        facts.put("failures", failures);
        Output.print(spec, json, facts);
        return failures.isEmpty() ? ExitStatus.DONE : ExitStatus.FAILED;
    }

    private List<String> write(ComposeEvent.Made made) throws IOException {
        Files.createDirectories(output);
        List<String> written = new ArrayList<>();
        String stem = "%s-%d".formatted(made.id(), made.index());
        for (int i = 0; i < made.files().size(); i++) {
            Path file = output.resolve(stem + (made.files().size() == 1 ? "" : "-" + (i + 1)) + made.suffix());
            Files.write(file, made.files().get(i).toArray());
            written.add(file.toString());
        }
        JSON.writeValue(output.resolve(stem + ".json").toFile(), made.lineage());
        return written;
    }
}
