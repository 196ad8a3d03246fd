package io.kinora.model.llm;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.model.nn.WeightBits;
import io.kinora.tensor.Quantization;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.StreamSupport;

/**
 * Sizes of a LLaMA decoder, as a Hugging Face {@code config.json} gives them.
 *
 * @param hiddenSize width D of the residual stream
 * @param intermediateSize hidden channels of the feed-forward part
 * @param layers number of layers
 * @param heads query heads H
 * @param kvHeads key and value heads; equal to {@code heads} in multi-head attention, a divisor of it in grouped-query attention
 * @param headWidth channels d of a head
 * @param vocabSize rows of the embedding table and of the head
 * @param rmsNormEps added to the mean square in the norms
 * @param ropeTheta base of the rotary frequencies
 * @param maxPositions longest sequence the model was made for
 * @param tiedEmbeddings true if the head is the embedding table
 * @param bosToken id that begins every prompt
 * @param eosTokens ids that end an answer
 * @param padToken id that stands after a finished row in padded output
 */
public record LlamaConfig(
        int hiddenSize,
        int intermediateSize,
        int layers,
        int heads,
        int kvHeads,
        int headWidth,
        int vocabSize,
        double rmsNormEps,
        double ropeTheta,
        int maxPositions,
        boolean tiedEmbeddings,
        int bosToken,
        List<Integer> eosTokens,
        OptionalInt padToken) {
    private static final int DEFAULT_POSITIONS = 2048;
    private static final double DEFAULT_THETA = 10_000;

    /** Checks that the sizes are positive and fit each other. */
    public LlamaConfig {
        eosTokens = List.copyOf(eosTokens);
        require(
                hiddenSize > 0 && intermediateSize > 0 && layers > 0 && heads > 0 && kvHeads > 0 && vocabSize > 0,
                "sizes must be positive: hidden_size %d, intermediate_size %d, num_hidden_layers %d, heads %d/%d, vocab_size %d"
                        .formatted(hiddenSize, intermediateSize, layers, heads, kvHeads, vocabSize));
        require(
                heads % kvHeads == 0,
                "num_key_value_heads %d does not divide num_attention_heads %d".formatted(kvHeads, heads));
        require(headWidth > 0 && headWidth % 2 == 0, "a head of %d channels has no rotary pairs".formatted(headWidth));
        require(maxPositions > 0, "max_position_embeddings must be positive, got %d".formatted(maxPositions));
        require(rmsNormEps > 0 && ropeTheta > 0, "rms_norm_eps and rope_theta must be positive");
    }

    /** The language model of the released Emu2: LLaMA-33B with the given number of vocabulary rows. */
    public static LlamaConfig llama33b(int vocabSize) {
        return new LlamaConfig(
                6656,
                17920,
                60,
                52,
                52,
                128,
                vocabSize,
                1e-6,
                DEFAULT_THETA,
                DEFAULT_POSITIONS,
                false,
                1,
                List.of(2),
                OptionalInt.of(32000));
    }

    /**
     * Reads a {@code config.json}.
     *
     * @throws CheckpointException if a size is missing or does not fit, or if the file asks for what is not LLaMA: another
     *     activation, biases, scaled rotary positions
     */
    public static LlamaConfig from(JsonNode config) {
        requireLlama(config);
        int hidden = whole(config, "hidden_size");
        int heads = whole(config, "num_attention_heads");
        JsonNode rope = config.path("rope_parameters").isObject() ? config.path("rope_parameters") : config;
        require(
                config.hasNonNull("head_dim") || hidden % heads == 0,
                "%d heads do not divide a hidden_size of %d".formatted(heads, hidden));
        return new LlamaConfig(
                hidden,
                whole(config, "intermediate_size"),
                whole(config, "num_hidden_layers"),
                heads,
                config.hasNonNull("num_key_value_heads") ? whole(config, "num_key_value_heads") : heads,
                config.hasNonNull("head_dim") ? whole(config, "head_dim") : hidden / heads,
                whole(config, "vocab_size"),
                config.path("rms_norm_eps").asDouble(1e-6),
                rope.path("rope_theta").asDouble(DEFAULT_THETA),
                config.path("max_position_embeddings").asInt(DEFAULT_POSITIONS),
                config.path("tie_word_embeddings").asBoolean(false),
                config.path("bos_token_id").asInt(1),
                tokens(config.path("eos_token_id")),
                config.path("pad_token_id").canConvertToInt()
                        ? OptionalInt.of(config.path("pad_token_id").asInt())
                        : OptionalInt.empty());
    }

    private static void requireLlama(JsonNode config) {
        String activation = config.path("hidden_act").asText("silu");
        require(activation.equals("silu"), "hidden_act is '%s'; LLaMA has 'silu'".formatted(activation));
        require(!config.path("attention_bias").asBoolean(false), "attention_bias is true; LLaMA has no biases");
        require(!config.path("mlp_bias").asBoolean(false), "mlp_bias is true; LLaMA has no biases");
        for (String name : List.of("rope_scaling", "rope_parameters")) {
            JsonNode rope = config.path(name);
            String type = rope.path("rope_type").asText(rope.path("type").asText("default"));
            boolean plain = !rope.isObject() || (type.equals("default") && !rope.has("factor"));
            require(plain, "%s asks for '%s'; only unscaled rotary positions are known".formatted(name, type));
        }
    }

    private static List<Integer> tokens(JsonNode ids) {
        if (ids.isArray()) {
            return StreamSupport.stream(ids.spliterator(), false)
                    .map(JsonNode::asInt)
                    .toList();
        }
        return List.of(ids.asInt(2));
    }

    private static int whole(JsonNode config, String name) {
        JsonNode value = config.path(name);
        require(
                value.canConvertToInt() && value.asInt() > 0,
                "%s must be a positive whole number, got %s"
                        .formatted(name, value.isMissingNode() ? "nothing" : value));
        return value.asInt();
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new CheckpointException("config.json: " + message);
        }
    }

    /** Query heads that share one key and value head. */
    public int groupSize() {
        return heads / kvHeads;
    }

    /** How its matrices are kept in so many bits. */
    public Quantization scheme(WeightBits bits) {
        return bits.scheme(hiddenSize, (long) heads * headWidth, intermediateSize);
    }

    /** Parameters of one layer. */
    public long layerParameters() {
        long D = hiddenSize;
        long attention = 2L * heads * headWidth * D + 2L * kvHeads * headWidth * D;
        return attention + 3L * D * intermediateSize + 2 * D;
    }
}
