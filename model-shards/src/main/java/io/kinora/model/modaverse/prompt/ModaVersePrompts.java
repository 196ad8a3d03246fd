package io.kinora.model.modaverse.prompt;

import io.kinora.model.text.PythonText;
import io.kinora.model.text.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Prompts as ModaVerse was trained on them: {@code ### Human: }, the media, the instruction, a line's end and {@code ### Assistant:}. One
 * turn, no system message. Each medium is one embedding between two learned tokens.
 *
 * <p>Text before and behind the media is encoded for itself, without the blanks at its ends, so that a prompt without media has two
 * blanks behind the colon. Immutable and thread-safe.
 */
public final class ModaVersePrompts {
    /** Stands among the ids in the place of a medium's embedding. */
    public static final int MEDIUM = -1;

    private static final String HUMAN = "### Human: ";
    private static final String ASSISTANT = "\n### Assistant:";

    private final ModaVerseTokens tokens;
    private final UserText userText;

    /** In this vocabulary; the users' words are only text. */
    public ModaVersePrompts(ModaVerseTokens tokens) {
        this(tokens, UserText.ONLY_TEXT);
    }

    /** In this vocabulary. */
    public ModaVersePrompts(ModaVerseTokens tokens, UserText userText) {
        this.tokens = tokens;
        this.userText = userText;
    }

    /** The vocabulary. */
    public ModaVerseTokens tokens() {
        return tokens;
    }

    /**
     * The ids of a prompt, {@link #MEDIUM} in the place of each embedding.
     *
     * @param media how many media there are, in the order of their embeddings
     */
    public int[] ids(String instruction, int media) {
        IntStream.Builder ids = IntStream.builder();
        tokens.tokenizer().beginId().ifPresent(ids);
        if (media == 0) {
            add(HUMAN + " " + instruction + ASSISTANT, ids);
        } else {
            add(HUMAN, ids);
            for (int i = 0; i < media; i++) {
                ids.add(tokens.beginMedia()).add(MEDIUM).add(tokens.endMedia());
            }
            add(" " + instruction + ASSISTANT, ids);
        }
        return ids.build().toArray();
    }

    private void add(String text, IntStream.Builder ids) {
        Tokenizer tokenizer = tokens.tokenizer();
        String stripped = PythonText.strip(text);
        int[] encoded = userText == UserText.ONLY_TEXT
                ? tokenizer.encode(stripped)
                : tokenizer.encode(tokenizer.parse(stripped));
        Arrays.stream(encoded).forEach(ids);
    }

    /** How many of the ids stand for a medium. */
    public static int media(List<Integer> ids) {
        return (int) ids.stream().filter(id -> id == MEDIUM).count();
    }
}
