package io.kinora.decoder.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.model.text.Tokenizer;
import io.kinora.model.text.TokenizerException;
import io.kinora.model.text.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Prompts as the rows of ids that a CLIP text encoder takes: begin, text, end, padding. Immutable and thread-safe.
 *
 * <p>As the official pipelines do, a text that is too long is cut off before the end. Padding is attended to, so its id matters.
 */
public final class PromptTokens {
    private static final String CONFIG = "tokenizer_config.json";

    private final Tokenizer tokenizer;
    private final int length;
    private final int end;
    private final int pad;

    /** Of rows of a length. */
    private PromptTokens(Tokenizer tokenizer, int length) {
        this.tokenizer = tokenizer;
        this.length = length;
        this.end = tokenizer.endId().orElseThrow(() -> new CheckpointException("the tokenizer has no end token"));
        this.pad = tokenizer.padId().orElseThrow(() -> new CheckpointException("the tokenizer has no pad token"));
    }

    /**
     * Opens a tokenizer's folder. A row is as long as the tokenizer says, at most as many tokens as the encoder has positions.
     *
     * @throws CheckpointException if there is no tokenizer, or none of CLIP's kind
     */
    public static PromptTokens open(Path folder, int positions) {
        try {
            return new PromptTokens(Tokenizers.open(folder), Math.min(positions, longest(folder)));
        } catch (TokenizerException e) {
            throw new CheckpointException(e.getMessage(), e);
        }
    }

    /** How many tokens a tokenizer's folder allows a text to have. */
    public static int longest(Path folder) {
        Path file = folder.resolve(CONFIG);
        if (!Files.exists(file)) {
            return Integer.MAX_VALUE;
        }
        try {
            JsonNode length = new ObjectMapper().readTree(file.toFile()).path("model_max_length");
            // A tokenizer without a limit writes 10^30.
            return length.canConvertToInt() && length.intValue() > 1 ? length.intValue() : Integer.MAX_VALUE;
        } catch (IOException e) {
            throw new CheckpointException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }

    /** The ids of a prompt. */
    public long[] ids(String prompt) {
        int[] given = tokenizer.encodeParsed(prompt);
        long[] ids = new long[length];
        Arrays.fill(ids, pad);
        for (int i = 0; i < Math.min(given.length, length); i++) {
            ids[i] = given[i];
        }
        if (given.length > length) {
            ids[length - 1] = end;
        }
        return ids;
    }
}
