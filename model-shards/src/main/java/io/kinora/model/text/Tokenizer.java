package io.kinora.model.text;

import java.util.List;
import java.util.OptionalInt;

/**
 * Turns text into the ids a language model or text encoder was trained on, and back.
 *
 * <p>{@link #encode(String)} is for text from outside: a special token's name in it stays text, whatever it says. {@link
 * #encode(List)} places tokens by id among such texts, which is how prompts are built. {@link #encodeParsed} is what the
 * official class does when it is called on a string: names of special and added tokens become their ids, and the tokens for
 * beginning and end are put around as the folder's configuration says.
 *
 * <p>Implementations are immutable and thread-safe. Get one with {@link Tokenizers#open}.
 */
public interface Tokenizer {
    /** A part of what is encoded: text, or a token that no text can spell. */
    sealed interface Segment {
        /** Text in which no special token is recognised. */
        record Text(String text) implements Segment {}

        /** One token by its id. */
        record Token(int id) implements Segment {}
    }

    /** What becomes of special tokens when ids are turned into text. */
    enum SpecialTokens {
        /** They are left out. */
        SKIPPED,
        /** Their names stand in the text. */
        KEPT
    }

    /** An end of a row. */
    enum Side {
        LEFT,
        RIGHT
    }

    /** One more than the largest id; a checkpoint may have more rows. */
    int vocabularySize();

    /** The id of a token by its exact name, special, added or ordinary. */
    OptionalInt id(String token);

    /**
     * The name of a token.
     *
     * @throws TokenizerException if no token has this id
     */
    String token(int id);

    /** The token that begins a sequence, where the vocabulary has one. */
    OptionalInt beginId();

    /** The token that ends a sequence, where the vocabulary has one. */
    OptionalInt endId();

    /** The token that fills rows of a batch, where the vocabulary has one. */
    OptionalInt padId();

    /** Where rows of a batch are filled up. */
    default Side paddingSide() {
        return Side.RIGHT;
    }

    /** Where rows that are too long are cut. */
    default Side truncationSide() {
        return Side.RIGHT;
    }

    /** The ids of a text; nothing in it is special, and nothing is put around it. */
    default int[] encode(String text) {
        return encode(List.of(new Segment.Text(text)));
    }

    /**
     * The ids of texts and tokens in a row; neighbouring texts are read as one. The texts are treated as the official class
     * treats text beside special tokens (some strip blanks there). Nothing is put around them.
     *
     * @throws TokenizerException if a token's id is outside the vocabulary
     */
    int[] encode(List<Segment> segments);

    /**
     * The ids of a trusted text as the official class gives them: special tokens recognised, beginning and end put around.
     */
    int[] encodeParsed(String text);

    /**
     * A trusted text cut at the names of special and added tokens, as {@link #encodeParsed} cuts it: what a template becomes
     * before {@link #encode(List)}.
     */
    List<Segment> parse(String text);

    /**
     * The text of the ids.
     *
     * @throws TokenizerException if an id is outside the vocabulary
     */
    String decode(int[] ids, SpecialTokens specials);

    /** The text of the ids without special tokens. */
    default String decode(int... ids) {
        return decode(ids, SpecialTokens.SKIPPED);
    }

    /** True for a token that spells text: in use, neither special nor added, and not the one for what is unknown. */
    boolean isOrdinary(int id);

    /** True if a text loses the blank that its first token begins with, as LLaMA's do. */
    boolean dropsFirstBlank();

    /**
     * The bytes that any token stands for in the middle of a text: UTF-8, or a part of a character's, with the blank in front where it begins a word. A
     * special token gives its name.
     *
     * @throws TokenizerException if the id is outside the vocabulary
     */
    byte[] surface(int id);

    /** A decoder for ids that arrive one by one. */
    StreamingDecoder streamingDecoder(SpecialTokens specials);
}
