package io.kinora.model.text;

import java.util.List;

/**
 * How a tokenizer folder is opened.
 *
 * @param style which official implementation is followed
 * @param specialTokens special tokens that the folder's files may lack, as the authors' code adds them; each that is missing
 *     gets the next free id, in this order
 * @param ordinaryTokens added tokens that are not special (they stay in decoded text), after the special ones
 */
public record TokenizerOptions(TokenizerStyle style, List<String> specialTokens, List<String> ordinaryTokens) {
    /** The authors' own behaviour and no further tokens. */
    public static final TokenizerOptions NATIVE = new TokenizerOptions(TokenizerStyle.NATIVE, List.of(), List.of());

    /** Copies the lists. */
    public TokenizerOptions {
        specialTokens = List.copyOf(specialTokens);
        ordinaryTokens = List.copyOf(ordinaryTokens);
    }

    /** These options in another style. */
    public TokenizerOptions withStyle(TokenizerStyle other) {
        return new TokenizerOptions(other, specialTokens, ordinaryTokens);
    }

    /** These options with other special tokens. */
    public TokenizerOptions withSpecialTokens(List<String> tokens) {
        return new TokenizerOptions(style, tokens, ordinaryTokens);
    }

    /** These options with other ordinary added tokens. */
    public TokenizerOptions withOrdinaryTokens(List<String> tokens) {
        return new TokenizerOptions(style, specialTokens, tokens);
    }
}
