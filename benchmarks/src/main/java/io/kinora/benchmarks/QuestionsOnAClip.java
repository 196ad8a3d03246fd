package io.kinora.benchmarks;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import akka.stream.javadsl.Sink;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kinora.actors.CheckpointHosts;
import io.kinora.actors.HostSettings;
import io.kinora.actors.answer.AnswerClient;
import io.kinora.actors.answer.AnswerEvent;
import io.kinora.actors.answer.AnswerRequest;
import io.kinora.actors.answer.Conversation;
import io.kinora.actors.metrics.ServingMetrics;
import io.kinora.model.checkpoint.Initialisation;
import io.kinora.model.checkpoint.RandomWeights;
import io.kinora.model.checkpoint.SaveOptions;
import io.kinora.model.emu2.Emu2Config;
import io.kinora.model.emu2.Emu2Model;
import io.kinora.model.emu2.Emu2Options;
import io.kinora.model.text.ShapesTokenizer;
import io.kinora.model.text.Tokenizers;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.video.DecodeLimits;
import io.kinora.video.EncodeSettings;
import io.kinora.video.Rational;
import io.kinora.video.RgbFrame;
import io.kinora.video.VideoEncoder;
import io.kinora.video.VideoSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a further question on a clip costs, over the actors: 16 frames of 64 embeddings, random weights in Emu2's layout.
 *
 * <p>Each round takes a clip that nothing is known of: a first question, a second one, then, on another such clip, sixteen at once, which may be answered by
 * yes or no, as standing questions are; and one such question by itself. Prints medians. Arguments: rounds (default 5).
 */
public final class QuestionsOnAClip {
    private static final int DEFAULT_ROUNDS = 5;
    private static final int FRAMES = 16;
    private static final int AT_ONCE = 16;
    private static final String CONFIGURATION = """
            {"architectures": ["EmuForCausalLM"], "bos_token_id": 1, "eos_token_id": 2, "d_model": 384, "hidden_act": "silu",
             "hidden_size": 768, "intermediate_size": 2048, "max_position_embeddings": 2048, "model_version": "base",
             "num_attention_heads": 12, "num_hidden_layers": 8, "num_key_value_heads": 12, "pretraining_tp": 1, "rms_norm_eps": 1e-06,
             "rope_scaling": null, "rope_theta": 10000.0, "tie_word_embeddings": false, "torch_dtype": "float32", "vocab_size": %d,
             "vision_config": {"eva_model_name": "eva-clip-E-14-plus", "head_width": 32, "image_size": 224, "intermediate_size": 1536,
               "layer_norm_eps": 1e-06, "layers": 8, "n_query": 64, "patch_size": 14, "postnorm": true, "qkv_bias": true, "v_query": 64,
               "width": 384, "xattn": false}}
            """;

    private final ActorSystem<Void> system;
    private final AnswerClient answers;
    private final byte[] clip;
    private int clips;
    private int questions;

    private QuestionsOnAClip(ActorSystem<Void> system, AnswerClient answers, byte[] clip) {
        this.system = system;
        this.answers = answers;
        this.clip = clip;
    }

    /** Runs the rounds; the folder it works in is deleted at the end. */
    public static void main(String[] arguments) throws IOException {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_ROUNDS;
        Path folder = Files.createTempDirectory("kinora-questions-bench-");
        try (Engine engine = Engines.open(Engines.AUTO, Device.CPU)) {
            Path checkpoint = checkpoint(folder.resolve("checkpoint"), engine);
            Config config = ConfigFactory.parseMap(
                            Map.of("kinora.data-dir", folder.resolve("data").toString()))
                    .withFallback(ConfigFactory.load());
            CompletableFuture<CheckpointHosts> spawned = new CompletableFuture<>();
            ActorSystem<Void> system = ActorSystem.create(
                    Behaviors.setup(context -> {
                        spawned.complete(CheckpointHosts.spawn(
                                context, checkpoint, engine, HostSettings.from(config), ServingMetrics.inMemory()));
                        return Behaviors.empty();
                    }),
                    "benchmark",
                    config);
            AnswerClient answers = new AnswerClient(spawned.join().answers().orElseThrow());
            new QuestionsOnAClip(system, answers, clip()).run(rounds);
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().join();
        } finally {
            delete(folder);
        }
    }

    private void run(int rounds) {
        free(newClip()); // loads and warms up
        List<Double> first = new ArrayList<>();
        List<Double> second = new ArrayList<>();
        List<Double> single = new ArrayList<>();
        List<Double> together = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            Conversation.Clip asked = newClip();
            first.add(free(asked));
            second.add(free(asked));
            single.add(choices(newClip(), 1));
            together.add(choices(newClip(), AT_ONCE));
        }
        System.out.printf(Locale.ROOT, "%d rounds, medians%n%n", rounds);
        System.out.println("| | s | ratio |");
        System.out.println("| --- | --- | --- |");
        row("first question, to its first token", median(first), 1);
        row("second question, to its first token", median(second), median(second) / median(first));
        row("one question with choices", median(single), 1);
        row(AT_ONCE + " questions with choices at once", median(together), median(together) / median(single));
    }

    private static void row(String what, double seconds, double ratio) {
        System.out.printf(Locale.ROOT, "| %s | %.3f | %.3f |%n", what, seconds, ratio);
    }

    /** Seconds to the first token. */
    private double free(Conversation.Clip asked) {
        return seconds(ask(asked, AnswerRequest.Free.greedy(4))
                .toCompletableFuture()
                .join()
                .cost()
                .firstToken());
    }

    /** Seconds until all are answered. */
    private double choices(Conversation.Clip asked, int count) {
        long started = System.nanoTime();
        List<CompletionStage<AnswerEvent.Answered>> all = IntStream.range(0, count)
                .mapToObj(i -> ask(asked, new AnswerRequest.OneOf(List.of("yes", "no"))))
                .toList();
        all.forEach(answer -> answer.toCompletableFuture().join());
        return (System.nanoTime() - started) / 1e9;
    }

    private CompletionStage<AnswerEvent.Answered> ask(Conversation.Clip asked, AnswerRequest.Reply reply) {
        int number = questions++;
        AnswerRequest request = new AnswerRequest(
                "q" + number,
                Conversation.aboutClip(asked, "Question " + number + ": does the square move to the left?"),
                reply,
                0,
                Optional.empty());
        return answers.ask(request).runWith(Sink.last(), system).thenApply(AnswerEvent.Answered.class::cast);
    }

    /** The same bytes under another hash, so that nothing of it is known. */
    private Conversation.Clip newClip() {
        String hash = "%064x".formatted(clips++);
        return new Conversation.Clip(VideoSource.bytes(clip), hash, FRAMES, DecodeLimits.defaults());
    }

    /** Writes a checkpoint with random weights in Emu2's layout, large enough that its arithmetic is what counts. */
    static Path checkpoint(Path folder, Engine engine) throws IOException {
        ShapesTokenizer.writeTo(folder);
        Path config = folder.resolve("config.json");
        Files.writeString(
                config, CONFIGURATION.formatted(Tokenizers.open(folder).vocabularySize()));
        try (RandomWeights weights = new RandomWeights(engine, DType.F32, 7, Initialisation.TRAINED)) {
            Emu2Model.of(weights, Emu2Config.read(config), Emu2Options.asStored(1L << 20))
                    .close();
            weights.save(folder, SaveOptions.DEFAULT.withStem("model"));
        }
        return folder;
    }

    /** Four seconds of a square that moves. */
    private static byte[] clip() throws IOException {
        return clip(220);
    }

    /** The same with a square of another brightness. */
    static byte[] clip(int brightness) throws IOException {
        List<RgbFrame> frames = new ArrayList<>();
        for (int i = 0; i < 96; i++) {
            byte[] pixels = new byte[640 * 360 * 3];
            for (int y = 100; y < 200; y++) {
                for (int x = 5 * i; x < 5 * i + 100; x++) {
                    pixels[3 * (640 * y + x)] = (byte) brightness;
                }
            }
            frames.add(RgbFrame.of(640, 360, pixels));
        }
        return VideoEncoder.encode(frames, EncodeSettings.mp4(Rational.of(24, 1)));
    }

    static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
