package io.kinora.model.text;

import java.nio.file.Files;
import java.nio.file.Path;

/** Opens the tokenizer of a checkpoint folder, whatever files it was released with. */
public final class Tokenizers {
    private Tokenizers() {}

    /**
     * Opens a folder as the authors' own code does.
     *
     * @throws TokenizerException if it holds no tokenizer, or one that cannot be used
     */
    public static Tokenizer open(Path folder) {
        return open(folder, TokenizerOptions.NATIVE);
    }

    /**
     * Opens a folder.
     *
     * <p>In {@link TokenizerStyle#NATIVE}, {@code tokenizer.model} is read where there is one; in {@link TokenizerStyle#HUGGING_FACE},
     * {@code tokenizer.json} is. {@code vocab.json} with {@code merges.txt} is CLIP's. Each style falls back to what the folder has.
     *
     * @throws TokenizerException if it holds no tokenizer, or one that cannot be used
     */
    public static Tokenizer open(Path folder, TokenizerOptions options) {
        boolean model = Files.exists(folder.resolve("tokenizer.model"));
        if (model) {
            return LlamaTokenizer.open(folder, options);
        }
        throw new TokenizerException(
                "%s holds no tokenizer: expected tokenizer.model, tokenizer.json, or vocab.json with merges.txt"
                        .formatted(folder));
    }
}
