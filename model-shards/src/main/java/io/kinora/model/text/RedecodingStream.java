package io.kinora.model.text;

import io.kinora.model.text.Tokenizer.SpecialTokens;
import java.util.Arrays;

/**
 * Streams the text of any tokenizer by decoding all ids so far at each step: slow for long texts, and right whatever rules
 * the tokenizer's decoder has. White space and U+FFFD at the end wait for what follows, and so does everything after an id
 * whose text may still change.
 */
final class RedecodingStream implements StreamingDecoder {
    private static final int FIRST_CAPACITY = 64;

    private final Tokenizer tokenizer;
    private final SpecialTokens specials;
    private int[] ids = new int[FIRST_CAPACITY];
    private int count;
    private String handedOut = "";

    RedecodingStream(Tokenizer tokenizer, SpecialTokens specials) {
        this.tokenizer = tokenizer;
        this.specials = specials;
    }

    @Override
    public String next(int id) {
        if (count == ids.length) {
            ids = Arrays.copyOf(ids, 2 * count);
        }
        ids[count++] = id;
        if (isByte(tokenizer.token(id))
                || tokenizer.decode(new int[] {id}, specials).isEmpty()) {
            return ""; // a broken run of bytes is replaced as a whole, and what is left out does not end the run
        }
        String text = text();
        int end = text.length();
        while (end > 0 && (text.charAt(end - 1) == '\uFFFD' || Character.isWhitespace(text.charAt(end - 1)))) {
            end--;
        }
        return end > handedOut.length() ? handOut(text.substring(0, end)) : "";
    }

    @Override
    public String finish() {
        return handOut(text());
    }

    private static boolean isByte(String token) {
        return token.length() == 6 && token.startsWith("<0x") && token.endsWith(">");
    }

    private String text() {
        return tokenizer.decode(Arrays.copyOf(ids, count), specials);
    }

    private String handOut(String text) {
        String rest = text.substring(Math.min(handedOut.length(), text.length()));
        handedOut = text;
        return rest;
    }
}
