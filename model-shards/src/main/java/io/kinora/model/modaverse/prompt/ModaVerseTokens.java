package io.kinora.model.modaverse.prompt;

import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.model.modaverse.meta.Modality;
import io.kinora.model.text.Tokenizer;
import io.kinora.model.text.TokenizerOptions;
import io.kinora.model.text.Tokenizers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The tokenizer of ModaVerse: that of its language model, and six tokens behind it that stay in decoded text.
 *
 * @param tokenizer with the added tokens
 * @param beginMedia {@code <Media>}, before the embedding of a medium
 * @param endMedia {@code </Media>}, behind it
 * @param end the piece {@code ▁###}, which ends a meta-response and is part of it
 */
public record ModaVerseTokens(Tokenizer tokenizer, int beginMedia, int endMedia, int end) {
    /** Name of {@link #beginMedia}. */
    public static final String BEGIN_MEDIA = "<Media>";

    /** Name of {@link #endMedia}. */
    public static final String END_MEDIA = "</Media>";

    private static final String END = "###";

    /**
     * Opens the folder of the language model.
     *
     * @throws io.kinora.model.text.TokenizerException if it holds no tokenizer
     * @throws CheckpointException if the vocabulary cannot spell the end of a meta-response in one piece
     */
    public static ModaVerseTokens open(Path folder) {
        List<String> added = new ArrayList<>(List.of(BEGIN_MEDIA, END_MEDIA));
        Modality.ALL.forEach(modality -> added.add(modality.flag()));
        return of(Tokenizers.open(folder, TokenizerOptions.NATIVE.withOrdinaryTokens(added)));
    }

    /** Of a tokenizer that has the added tokens. Errors as {@link #open}. */
    public static ModaVerseTokens of(Tokenizer tokenizer) {
        int[] end = tokenizer.encode(END);
        if (end.length != 1) {
            throw new CheckpointException(
                    "the vocabulary spells '%s' in %d pieces, needed is one: is this a LLaMA tokenizer?"
                            .formatted(END, end.length));
        }
        return new ModaVerseTokens(tokenizer, id(tokenizer, BEGIN_MEDIA), id(tokenizer, END_MEDIA), end[0]);
    }

    private static int id(Tokenizer tokenizer, String name) {
        return tokenizer.id(name).orElseThrow(() -> new CheckpointException("the tokenizer has no token " + name));
    }

    /** The token of a modality's flag. */
    public int flag(Modality modality) {
        return id(tokenizer, modality.flag());
    }
}
