package io.kinora.service;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.model.checkpoint.Initialisation;
import io.kinora.model.checkpoint.RandomWeights;
import io.kinora.model.checkpoint.SaveOptions;
import io.kinora.model.checkpoint.Weights;
import io.kinora.model.llm.LlamaConfig;
import io.kinora.model.llm.LlamaStage;
import io.kinora.model.llm.StageParts;
import io.kinora.model.modaverse.imagebind.AudioEncoder;
import io.kinora.model.modaverse.imagebind.ImageBindConfig;
import io.kinora.model.modaverse.imagebind.TrunkConfig;
import io.kinora.model.modaverse.imagebind.VisionEncoder;
import io.kinora.model.modaverse.prompt.ModaVerseTokens;
import io.kinora.model.text.ShapesTokenizer;
import io.kinora.model.text.Tokenizers;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A small ModaVerse with random weights in the released layout: {@code 7b_v0}, {@code ModaVerse-7b} and ImageBind beside them. */
final class SmallModaVerse {
    private static final int WIDTH = 16;
    private static final int LAYERS = 2;
    private static final int RANK = 4;
    private static final int EMBEDDING = 20;
    private static final long CACHE = 1L << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private SmallModaVerse() {}

    static Path make(Path folder) throws IOException {
        Path languageModel = Files.createDirectories(folder.resolve("7b_v0"));
        writeTokenizer(languageModel);
        ObjectNode sizes = JSON.createObjectNode()
                .put("model_type", "llama")
                .put("hidden_size", WIDTH)
                .put("intermediate_size", 24)
                .put("num_hidden_layers", LAYERS)
                .put("num_attention_heads", 2)
                .put("max_position_embeddings", 512)
                .put("vocab_size", Tokenizers.open(languageModel).vocabularySize());
        JSON.writeValue(languageModel.resolve("config.json").toFile(), sizes);
        int rows = ModaVerseTokens.open(languageModel).tokenizer().vocabularySize();
        try (Engine engine = Engines.open(Engines.AUTO, Device.CPU)) {
            LlamaConfig config = LlamaConfig.from(sizes);
            write(engine, languageModel, "model", weights -> new LlamaStage(
                            weights, config, StageParts.whole(LAYERS), Optional.empty(), CACHE)
                    .close());
            write(engine, folder.resolve("ModaVerse-7b"), "pytorch_model", weights -> trained(weights, rows));
            ImageBindConfig imageBind = new ImageBindConfig(
                    new TrunkConfig(16, 1, ImageBindConfig.VISION_HEADS, 24, 257),
                    new TrunkConfig(12, 1, ImageBindConfig.AUDIO_HEADS, 24, 229),
                    EMBEDDING);
            write(engine, folder, "imagebind_huge", weights -> {
                new VisionEncoder(weights, imageBind, Optional.empty()).close();
                new AudioEncoder(weights, imageBind, Optional.empty()).close();
            });
        }
        return folder;
    }

    /** The pieces of Kinora's own tokenizer, without the tokens that Emu2 adds to them. */
    private static void writeTokenizer(Path languageModel) throws IOException {
        Path whole = languageModel.resolveSibling("shapes");
        ShapesTokenizer.writeTo(whole);
        Files.copy(whole.resolve("tokenizer.model"), languageModel.resolve("tokenizer.model"));
        Files.writeString(languageModel.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"LlamaTokenizer\"}");
        try (Stream<Path> files = Files.list(whole)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(whole);
    }

    private static void trained(Weights weights, int rows) {
        Weights llm = weights.at("LLM.base_model.model");
        llm.take("model.embed_tokens.weight", rows, WIDTH);
        llm.take("lm_head.weight", rows, WIDTH);
        for (int layer = 0; layer < LAYERS; layer++) {
            for (String matrix : new String[] {"q_proj", "k_proj", "v_proj", "o_proj"}) {
                Weights adapted = llm.at("model.layers.%d.self_attn.%s".formatted(layer, matrix));
                adapted.take("lora_A.default.weight", RANK, WIDTH);
                adapted.take("lora_B.default.weight", WIDTH, RANK);
            }
        }
        weights.take("linear_proj.weight", WIDTH, EMBEDDING);
        weights.take("linear_proj.bias", WIDTH);
    }

    private static void write(Engine engine, Path folder, String stem, Consumer<Weights> constructor)
            throws IOException {
        try (RandomWeights weights = new RandomWeights(engine, DType.F32, 7, Initialisation.TRAINED)) {
            constructor.accept(weights);
            weights.save(folder, SaveOptions.DEFAULT.withStem(stem));
        }
    }
}
