package io.kinora.model.text;

import com.fasterxml.jackson.databind.JsonNode;
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
     * <p>In {@link TokenizerStyle#NATIVE}, {@code tokenizer.model} is read where there is one; in {@link
     * TokenizerStyle#HUGGING_FACE}, {@code tokenizer.json} is. {@code vocab.json} with {@code merges.txt} is CLIP's or
     * RoBERTa's, as {@code tokenizer_config.json} says. Each style falls back to what the folder has. Added tokens of the
     * options are for {@code tokenizer.model} only.
     *
     * @throws TokenizerException if it holds no tokenizer, or one that cannot be used
     */
    public static Tokenizer open(Path folder, TokenizerOptions options) {
        boolean model = Files.exists(folder.resolve("tokenizer.model"));
        boolean json = Files.exists(folder.resolve("tokenizer.json"));
        boolean merges = Files.exists(folder.resolve("vocab.json")) && Files.exists(folder.resolve("merges.txt"));
        if (json && (options.style() == TokenizerStyle.HUGGING_FACE || !(model || merges))) {
            return JsonTokenizer.open(folder);
        }
        if (model) {
            return LlamaTokenizer.open(folder, options);
        }
        if (merges) {
            return isRoberta(folder) ? RobertaTokenizer.open(folder) : ClipTokenizer.open(folder);
        }
        throw new TokenizerException(
                "%s holds no tokenizer: expected tokenizer.model, tokenizer.json, or vocab.json with merges.txt"
                        .formatted(folder));
    }

    private static boolean isRoberta(Path folder) {
        JsonNode name = SpecialTokensConfig.read(folder).setting("tokenizer_class");
        return name.isTextual()
                ? name.asText().startsWith("Roberta")
                : !SpecialTokensConfig.json(folder.resolve("vocab.json")).has("<|startoftext|>");
    }
}
