package io.kinora.model.emu2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.model.llm.LlamaConfig;
import io.kinora.model.vision.EvaConfig;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Sizes of an Emu2, as the {@code config.json} of a released folder gives them.
 *
 * @param variant which fine-tune it is
 * @param language sizes of the language model
 * @param vision sizes of the visual encoder
 * @param imageEmbeddings embeddings of a still image, {@code n_query}: 64, in Chat 256
 * @param frameEmbeddings embeddings of a video frame, {@code v_query}: 64
 */
public record Emu2Config(
        Variant variant, LlamaConfig language, EvaConfig vision, int imageEmbeddings, int frameEmbeddings) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Which of the released models' vocabularies it has. */
    public enum Variant {
        /** Emu2 and the multimodal encoder of Emu2-Gen: 272 tokens behind the base vocabulary. */
        BASE(272),
        /** Emu2-Chat: the same, then {@code [USER]} and {@code [ASSISTANT]}. */
        CHAT(274);

        private final int addedTokens;

        Variant(int addedTokens) {
            this.addedTokens = addedTokens;
        }
    }

    /** Checks that the vocabulary holds the added tokens, and that images have embeddings. */
    public Emu2Config {
        if (language.vocabSize() <= variant.addedTokens) {
            throw new CheckpointException("config.json: vocab_size %d has no room for the %d tokens that Emu2 adds"
                    .formatted(language.vocabSize(), variant.addedTokens));
        }
        if (imageEmbeddings < 1 || frameEmbeddings < 1) {
            throw new CheckpointException("config.json: n_query and v_query must be positive, got %d and %d"
                    .formatted(imageEmbeddings, frameEmbeddings));
        }
    }

    /** The released sizes: 37 billion parameters. */
    public static Emu2Config released(Variant variant) {
        return new Emu2Config(
                variant,
                LlamaConfig.llama33b(32000 + variant.addedTokens),
                EvaConfig.released(),
                variant == Variant.CHAT ? 256 : 64,
                64);
    }

    /**
     * Reads a {@code config.json}.
     *
     * @throws CheckpointException if the file cannot be read, a size is missing or sizes do not fit
     */
    public static Emu2Config read(Path file) {
        try {
            return from(JSON.readTree(file.toFile()));
        } catch (IOException e) {
            throw new CheckpointException("cannot read %s: %s".formatted(file, e.getMessage()), e);
        }
    }

    /**
     * Reads the contents of a {@code config.json}.
     *
     * @throws CheckpointException if a size is missing or sizes do not fit
     */
    public static Emu2Config from(JsonNode config) {
        JsonNode vision = config.path("vision_config");
        if (!vision.isObject()) {
            throw new CheckpointException("config.json: there is no vision_config; is this an Emu2?");
        }
        EvaConfig encoder = EvaConfig.from(vision);
        if (config.hasNonNull("d_model") && config.path("d_model").asInt() != encoder.width()) {
            throw new CheckpointException("config.json: d_model %s is not the visual encoder's width %d"
                    .formatted(config.path("d_model"), encoder.width()));
        }
        return new Emu2Config(
                config.path("model_version").asText("base").equals("chat") ? Variant.CHAT : Variant.BASE,
                LlamaConfig.from(config),
                encoder,
                vision.path("n_query").asInt(64),
                vision.path("v_query").asInt(64));
    }

    /** Ids below this are pieces of the base vocabulary. */
    public int baseVocabulary() {
        return language.vocabSize() - variant.addedTokens;
    }

    /** {@code [IMG]}, which stands before the embeddings of a picture or frame and asks for the regression of one. */
    public int beginImageToken() {
        return baseVocabulary() + 1;
    }

    /** {@code [/IMG]}, which stands behind them. */
    public int endImageToken() {
        return baseVocabulary() + 2;
    }

    /** {@code <image>}, whose place an embedding of a still image takes. */
    public int imageToken() {
        return baseVocabulary() + 3;
    }

    /** {@code [gIMG]}, whose place an embedding of a video frame takes. */
    public int frameToken() {
        return baseVocabulary() + 4;
    }
}
