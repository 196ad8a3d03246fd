package io.kinora.training.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import io.kinora.model.checkpoint.Initialisation;
import io.kinora.model.checkpoint.RandomWeights;
import io.kinora.model.checkpoint.SaveOptions;
import io.kinora.model.emu2.Emu2Config;
import io.kinora.model.llm.LlamaConfig;
import io.kinora.model.llm.LlamaStage;
import io.kinora.model.llm.StageParts;
import io.kinora.model.modaverse.ModaVerseConfig;
import io.kinora.model.modaverse.ModaVerseFolder;
import io.kinora.model.modaverse.ModaVerseOptions;
import io.kinora.model.modaverse.ModaVerseWeights;
import io.kinora.model.modaverse.meta.MetaResponse;
import io.kinora.model.modaverse.meta.MetaResponseParser;
import io.kinora.model.shard.LayerRange;
import io.kinora.model.text.ShapesTokenizer;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Tensor;
import io.kinora.training.data.InstructionPair;
import io.kinora.training.data.InstructionPairs;
import io.kinora.training.data.MediaEmbedder;
import io.kinora.training.data.Pixels;
import io.kinora.training.model.Emu2Learner;
import io.kinora.training.model.Parameter;
import io.kinora.training.model.Parameters;
import io.kinora.training.optim.LearningRate;
import io.kinora.training.optim.Optimizer;
import io.kinora.training.optim.OptimizerSettings;
import io.kinora.training.optim.Trainer;
import io.kinora.training.optim.TrainingState;
import io.kinora.training.world.SceneRenderer;
import io.kinora.training.world.Split;
import io.kinora.training.world.World;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlignmentRunTest {
    private static final Path TINY = Path.of("src/test/resources/io/kinora/training/recipe/tiny");
    private static final String SIZES = """
            {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2,
             "vocab_size": %d, "max_position_embeddings": 256, "rms_norm_eps": 1e-6}""";
    private static final String RECIPE = """
            name = align, stage = alignment, seed = 3, compute = f32, learns = [""], accumulation = 1, save-every = 1h
            adapter { rank = 4, alpha = 8, modules = [q_proj, v_proj] }
            optimizer { rate = 1.0e-2, warm-up = 2, steps = 30, floor = 0.5, beta1 = 0.9, beta2 = 0.98, decay = 0, clip = 1, averaging = 0 }
            data { world = 1, pairs = 6 }
            """;

    private final Engine engine = Engines.open("libtorch", Device.CPU);

    @TempDir
    private Path folder;

    @Test
    void theAdapterLearnsToInvokeAndOpensAsModaVerseDoes() throws Exception {
        Path base = base();
        Recipe recipe = recipe(base);
        List<Trainer.Report> reports = new ArrayList<>();
        try (Parameters seen = new Parameters(engine, 1, DType.F32);
                Emu2Learner encoder =
                        new Emu2Learner(seen, Emu2Config.read(TINY.resolve("model/multimodal_encoder/config.json")));
                AlignmentRun run = new AlignmentRun(recipe, engine, 32)) {
            List<Parameter> all = List.copyOf(run.parameters().byName().values());
            assertThat(all).extracting(Parameter::name).noneMatch(name -> name.endsWith("mlp.up_proj.weight"));
            try (Optimizer optimizer = new Optimizer(engine, all, recipe.optimizer())) {
                new Trainer(engine, new TrainingState(folder.resolve("state")), recipe.plan())
                        .run(run.objective(seeing(encoder)), all, optimizer, reports::add);
            }
            AlignmentRun.write(folder.resolve("ModaVerse"), all);
        }
        double first = reports.get(0).losses().get("responses");
        double last = reports.get(29).losses().get("responses");
        assertThat(last).isLessThan(0.5 * first);

        ModaVerseFolder released = new ModaVerseFolder(
                base, folder.resolve("ModaVerse/pytorch_model.safetensors"), folder.resolve("imagebind_huge.pth"));
        ModaVerseConfig config = ModaVerseConfig.read(released);
        assertThat(config.embedding()).isEqualTo(32);
        ModaVerseOptions options = ModaVerseOptions.asStored(1L << 24).withLoraAlpha(8);
        try (ModaVerseWeights weights = ModaVerseWeights.open(released, config, engine, options);
                LlamaStage stage = weights.stage(LayerRange.all(2))) {
            assertThat(stage.config().vocabSize()).isGreaterThan(1298);
        }
    }

    private Path base() throws Exception {
        Path base = folder.resolve("7b_v0");
        ShapesTokenizer.writeTo(base);
        String json = SIZES.formatted(1298);
        Files.writeString(base.resolve("config.json"), json);
        LlamaConfig sizes = LlamaConfig.from(new ObjectMapper().readTree(json));
        try (RandomWeights weights = new RandomWeights(engine, DType.F32, 7, Initialisation.TRAINING)) {
            new LlamaStage(weights, sizes, StageParts.of(LayerRange.all(2), 2), Optional.empty(), 1L << 24).close();
            weights.save(base, SaveOptions.DEFAULT);
        }
        return base;
    }

    private Recipe recipe(Path base) {
        return new Recipe(
                "align",
                Recipe.Stage.ALIGNMENT,
                folder,
                base,
                3,
                DType.F32,
                List.of(""),
                new OptimizerSettings(new LearningRate(1e-2, 2, 30, 0.5), 0.9, 0.98, 0, 1, 0),
                new Trainer.Plan(30, 1, Duration.ofHours(1), Duration.ofHours(1)),
                ConfigFactory.parseString(RECIPE));
    }

    /** A small encoder of the same kind in ImageBind's place: the mean of a picture's embeddings. */
    private MediaEmbedder seeing(Emu2Learner encoder) {
        int size = encoder.config().vision().imageSize();
        return shown -> {
            byte[] pixels = new SceneRenderer(shown.scene(), size, size).pixels(0);
            Tensor embeddings = encoder.see(new Pixels(List.of(pixels), size).bytes(engine)); // (1, n, W)
            return embeddings.mean(1);
        };
    }

    @Test
    void everyPairsResponseIsAnInvocationThatTheParserReads() {
        InstructionPairs pairs = new InstructionPairs(new World(1), Split.TRAIN);
        for (int i = 0; i < 300; i++) {
            InstructionPair pair = pairs.pair(i);
            MetaResponse read = MetaResponseParser.parse(pair.response());
            assertThat(read).isInstanceOf(MetaResponse.Invoked.class);
            assertThat(((MetaResponse.Invoked) read).invocations()).containsExactly(pair.invocation());
            assertThat(pair.instruction()).doesNotContain("{").isNotBlank();
            assertThat(pair.shown().isPresent()).isEqualTo(i % 3 != 1);
        }
    }
}
