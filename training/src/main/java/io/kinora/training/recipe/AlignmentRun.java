package io.kinora.training.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.Config;
import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.checkpoint.CheckpointOptions;
import io.kinora.model.checkpoint.CheckpointWriter;
import io.kinora.model.checkpoint.SaveOptions;
import io.kinora.model.llm.LlamaConfig;
import io.kinora.model.llm.LlamaStage;
import io.kinora.model.llm.StageParts;
import io.kinora.model.modaverse.MediaEncoder;
import io.kinora.model.modaverse.MediaProjection;
import io.kinora.model.modaverse.imagebind.ImageBindFile;
import io.kinora.model.modaverse.prompt.ModaVersePrompts;
import io.kinora.model.modaverse.prompt.ModaVerseTokens;
import io.kinora.model.shard.LayerRange;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.training.data.ImageBindScenes;
import io.kinora.training.data.InstructionPairs;
import io.kinora.training.data.MediaEmbedder;
import io.kinora.training.model.AdaptedParameters;
import io.kinora.training.model.Parameter;
import io.kinora.training.model.Parameters;
import io.kinora.training.stage.AlignmentStage;
import io.kinora.training.stage.Objective;
import io.kinora.training.world.Split;
import io.kinora.training.world.World;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * ModaVerse's alignment on a language model and an encoder as they were released. What was trained is written as ModaVerse's own file has it, so that its
 * folder beside the two is a ModaVerse.
 */
final class AlignmentRun implements AutoCloseable {
    private static final long NO_CACHE = 1L << 24;
    private static final String LANGUAGE = "LLM.base_model.model.";

    private final Recipe recipe;
    private final Config config;
    private final Checkpoint base;
    private final Parameters parameters;
    private final LlamaStage language;
    private final MediaProjection projection;
    private final ModaVersePrompts prompts;

    /**
     * Opens the language model and lays the adapter over it.
     *
     * @param embedding channels of the encoder
     */
    AlignmentRun(Recipe recipe, Engine engine, int embedding) throws IOException {
        this.recipe = recipe;
        this.config = recipe.config();
        ModaVerseTokens tokens = ModaVerseTokens.open(recipe.model());
        this.prompts = new ModaVersePrompts(tokens);
        JsonNode json = new ObjectMapper()
                .readTree(recipe.model().resolve("config.json").toFile());
        int known = json.path("vocab_size").asInt();
        ((ObjectNode) json).put("vocab_size", Math.max(known, tokens.tokenizer().vocabularySize()));
        LlamaConfig sizes = LlamaConfig.from(json);
        this.base =
                Checkpoint.open(recipe.model(), engine, CheckpointOptions.DEFAULT.withComputeType(recipe.compute()));
        this.parameters = new Parameters(engine, recipe.seed(), recipe.compute());
        this.projection = new MediaProjection(parameters.at("linear_proj"), embedding, sizes.hiddenSize());
        AdaptedParameters.Adapter adapter = new AdaptedParameters.Adapter(
                config.getInt("adapter.rank"),
                config.getDouble("adapter.alpha"),
                config.getStringList("adapter.modules"),
                known);
        this.language = new LlamaStage(
                new AdaptedParameters(base, parameters, adapter),
                sizes,
                StageParts.of(LayerRange.all(sizes.layers()), sizes.layers()),
                Optional.empty(),
                NO_CACHE);
    }

    /** The encoder that the recipe names. */
    static MediaEncoder encoder(Recipe recipe, Engine engine) {
        return MediaEncoder.open(imageBind(recipe), engine);
    }

    /** Channels of that encoder's embeddings. */
    static int embedding(Recipe recipe) {
        return imageBind(recipe).config().embedding();
    }

    private static ImageBindFile imageBind(Recipe recipe) {
        return ImageBindFile.at(recipe.folder().resolve(recipe.config().getString("encoder")), Optional.of(DType.F32));
    }

    Parameters parameters() {
        return parameters;
    }

    Objective<?> objective(MediaEncoder encoder) {
        return objective(new ImageBindScenes(encoder));
    }

    AlignmentStage objective(MediaEmbedder embedder) {
        Config data = config.getConfig("data");
        return new AlignmentStage(
                language,
                projection,
                prompts,
                embedder,
                new InstructionPairs(new World(data.getLong("world")), Split.TRAIN),
                data.getInt("pairs"),
                recipe.seed());
    }

    /** Writes what was trained, under the names of ModaVerse's own file. */
    static void write(Path folder, List<Parameter> parameters) throws IOException {
        Map<String, Tensor> named = new LinkedHashMap<>();
        parameters.forEach(parameter -> named.put(released(parameter.name()), parameter.master()));
        CheckpointWriter.save(folder, named, SaveOptions.DEFAULT.withStem("pytorch_model"));
    }

    private static String released(String name) {
        if (name.startsWith("linear_proj.")) {
            return name;
        }
        if (name.contains(".lora_")) {
            return LANGUAGE + name.replaceAll("\\.(lora_[AB])\\.weight$", ".$1.default.weight");
        }
        return LANGUAGE + name.replaceAll("\\.weight$", ".modules_to_save.default.weight");
    }

    @Override
    public void close() {
        language.close();
        projection.close();
        parameters.close();
        base.close();
    }
}
