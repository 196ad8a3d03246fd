package io.kinora.decoder.audio;

import io.kinora.decoder.text.PromptTokens;
import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.model.text.Tokenizer;
import io.kinora.model.text.TokenizerException;
import io.kinora.model.text.Tokenizers;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Prompts as the ids that CLAP's text encoder takes: begin, text, end. Immutable and thread-safe.
 *
 * <p>The official pipeline pads them to the longest text and masks the padding, which changes no embedding: padding is left out here.
 */
public final class ClapTokens {
    private final Tokenizer tokenizer;
    private final int longest;
    private final int end;

    private ClapTokens(Tokenizer tokenizer, int longest) {
        this.tokenizer = tokenizer;
        this.longest = longest;
        this.end = tokenizer.endId().orElseThrow(() -> new CheckpointException("the tokenizer has no end token"));
    }

    /**
     * Opens a tokenizer's folder for an encoder.
     *
     * @throws CheckpointException if there is no tokenizer that can be used
     */
    public static ClapTokens open(Path folder, ClapTextConfig encoder) {
        try {
            int longest = Math.min(encoder.longestText(), PromptTokens.longest(folder));
            return new ClapTokens(Tokenizers.open(folder), longest);
        } catch (TokenizerException e) {
            throw new CheckpointException(e.getMessage(), e);
        }
    }

    /** The ids of a prompt; one that is too long is cut off before its end. */
    public long[] ids(String prompt) {
        return ids(prompt, longest);
    }

    /** The ids of a prompt, no more than so many. */
    public long[] ids(String prompt, int most) {
        int[] given = tokenizer.encodeParsed(prompt);
        long[] ids = Arrays.stream(given)
                .limit(Math.min(most, longest))
                .asLongStream()
                .toArray();
        if (given.length > ids.length) {
            ids[ids.length - 1] = end;
        }
        return ids;
    }
}
