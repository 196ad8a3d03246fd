package io.kinora.model.modaverse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.model.checkpoint.CheckpointOptions;
import io.kinora.model.llm.LlamaConfig;
import io.kinora.tensor.Shape;
import io.kinora.tensor.file.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Sizes of the language model's side of a ModaVerse.
 *
 * @param language sizes of the language model; the vocabulary is that of the trained table, not of the base
 * @param embedding channels of an encoder's embedding
 */
public record ModaVerseConfig(LlamaConfig language, int embedding) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TABLE = "model.embed_tokens.weight";

    /**
     * Reads the sizes off the configuration of the base and the tensors that were trained.
     *
     * @throws CheckpointException if a file cannot be read, or base and trained tensors do not fit each other
     */
    public static ModaVerseConfig read(ModaVerseFolder folder) {
        Path file = folder.languageModel().resolve("config.json");
        JsonNode config;
        try {
            config = JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new CheckpointException("cannot read %s: %s".formatted(file, e.getMessage()), e);
        }
        Map<String, TensorInfo> trained = Checkpoint.inventory(
                        folder.trained(), CheckpointOptions.DEFAULT.withNaming(TrainedNames.ALL))
                .tensors();
        int width = config.path("hidden_size").asInt();
        Optional<Shape> table = Optional.ofNullable(trained.get(TABLE)).map(TensorInfo::shape);
        if (table.isPresent() && table.get().dim(1) != width) {
            throw new CheckpointException(
                    "%s was trained on a language model of width %d, that of %s has %d: is this the base it needs, a 7B of LLaMA 1?"
                            .formatted(folder.trained(), table.get().dim(1), folder.languageModel(), width));
        }
        if (table.isPresent() && config instanceof ObjectNode sizes) {
            sizes.put("vocab_size", table.get().dim(0));
        }
        int embedding = Optional.ofNullable(trained.get("linear_proj.weight"))
                .or(() -> Optional.ofNullable(trained.get("linear_proj.image.weight")))
                .map(info -> (int) info.shape().dim(1))
                .orElseThrow(() -> new CheckpointException(
                        "%s is no ModaVerse: there is no linear_proj.weight in it".formatted(folder.trained())));
        return new ModaVerseConfig(LlamaConfig.from(config), embedding);
    }
}
