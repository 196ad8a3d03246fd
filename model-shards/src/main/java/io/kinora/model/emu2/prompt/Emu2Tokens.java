package io.kinora.model.emu2.prompt;

import io.kinora.model.text.Tokenizer;
import io.kinora.model.text.TokenizerException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Ids of Emu2's special tokens, found by name, so that they fit any base vocabulary.
 *
 * @param begin {@code <s>}, first in every prompt
 * @param end {@code </s>}, ends an answer
 * @param imageStart {@code [IMG]}, before the embeddings of a picture or frame, and what regression starts from
 * @param imageEnd {@code [/IMG]}, after them
 * @param image {@code <image>}, whose positions hold a picture's embeddings
 * @param frame {@code [gIMG]}, whose positions hold a frame's embeddings
 * @param video {@code [VIDEO]}, once before a clip's frames
 * @param grounding {@code <grounding>}, asks for places
 * @param user {@code [USER]}, in Chat only
 * @param assistant {@code [ASSISTANT]}, in Chat only
 * @param firstCoordinate {@code <patch_index_0000>}; the others follow it
 */
public record Emu2Tokens(
        int begin,
        int end,
        int imageStart,
        int imageEnd,
        int image,
        int frame,
        int video,
        int grounding,
        OptionalInt user,
        OptionalInt assistant,
        int firstCoordinate) {
    /** Number of {@code <patch_index_NNNN>} tokens. */
    public static final int COORDINATES = 257;

    private static final List<String> BEFORE_COORDINATES = List.of(
            "[PAD]",
            "[IMG]",
            "[/IMG]",
            "<image>",
            "[gIMG]",
            "[/gIMG]",
            "[EOC]",
            "[VIDEO]",
            "<grounding>",
            "<phrase>",
            "</phrase>",
            "<object>",
            "</object>",
            "</delimiter_of_multi_objects/>",
            "<REC>");

    /**
     * The special tokens in the order in which the authors' code adds them to LLaMA's vocabulary: for folders whose tokenizer
     * files lack them.
     *
     * @param chat whether Chat's two tokens are among them
     */
    public static List<String> names(boolean chat) {
        List<String> names = new ArrayList<>(BEFORE_COORDINATES);
        for (int i = 0; i < COORDINATES; i++) {
            names.add(coordinateName(i));
        }
        if (chat) {
            names.add("[USER]");
            names.add("[ASSISTANT]");
        }
        return List.copyOf(names);
    }

    /**
     * Finds the tokens.
     *
     * @throws TokenizerException if the tokenizer lacks one that every Emu2 checkpoint has
     */
    public static Emu2Tokens of(Tokenizer tokenizer) {
        int first = required(tokenizer, coordinateName(0));
        int last = required(tokenizer, coordinateName(COORDINATES - 1));
        if (last - first != COORDINATES - 1) {
            throw new TokenizerException("the tokens %s to %s have the ids %d to %d, expected %d in a row"
                    .formatted(coordinateName(0), coordinateName(COORDINATES - 1), first, last, COORDINATES));
        }
        return new Emu2Tokens(
                tokenizer.beginId().orElseThrow(() -> lacks("a token that begins a sequence")),
                tokenizer.endId().orElseThrow(() -> lacks("a token that ends a sequence")),
                required(tokenizer, "[IMG]"),
                required(tokenizer, "[/IMG]"),
                required(tokenizer, "<image>"),
                required(tokenizer, "[gIMG]"),
                required(tokenizer, "[VIDEO]"),
                required(tokenizer, "<grounding>"),
                tokenizer.id("[USER]"),
                tokenizer.id("[ASSISTANT]"),
                first);
    }

    /** The number that a coordinate token stands for, 0 to 256. */
    public OptionalInt coordinate(int id) {
        int value = id - firstCoordinate;
        return value >= 0 && value < COORDINATES ? OptionalInt.of(value) : OptionalInt.empty();
    }

    static String coordinateName(int value) {
        return "<patch_index_%04d>".formatted(value);
    }

    private static int required(Tokenizer tokenizer, String name) {
        return tokenizer.id(name).orElseThrow(() -> lacks(name));
    }

    private static TokenizerException lacks(String what) {
        return new TokenizerException("the tokenizer lacks %s, which Emu2 needs".formatted(what));
    }
}
