package io.kinora.model.text;

import io.kinora.model.text.SpecialTokensConfig.Described;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The tokenizer of CLIP's and OpenCLIP's text encoders, from {@code vocab.json} and {@code merges.txt}.
 *
 * <p>Radford et al., 2021 (arXiv:2103.00020), after transformers' {@code CLIPTokenizer}: text is composed (NFC) and put into
 * lower case, cut into contractions, runs of letters, single digits and runs of anything else but white space, and each
 * word's bytes are merged; the last symbol of a word carries {@code </w>}. Which characters are letters and digits follows
 * the JDK's version of Unicode.
 *
 * <p>ModelScope, Stable Diffusion 2 and SDXL's second encoder pad with {@code "!"}. The official class then takes every
 * {@code "!"} in a prompt for the pad token; {@link PadInText} chooses.
 */
public final class ClipTokenizer extends ByteLevelTokenizer {
    /** What the pad token's name means in a prompt. */
    public enum PadInText {
        /** The pad token, as in the official class and so in every diffusers pipeline. */
        PAD,
        /** Ordinary text, as in the code that the text encoders were trained with. */
        TEXT
    }

    private static final int MAX_LENGTH = 77;
    private static final String WORD_END = "</w>";
    private static final String START = "<|startoftext|>";
    private static final String END = "<|endoftext|>";
    private static final Pattern WORDS = Pattern.compile(
            "'s|'t|'re|'ve|'m|'ll|'d|\\p{L}+|\\p{N}|[^\\s\\p{L}\\p{N}]+", Pattern.UNICODE_CHARACTER_CLASS);

    private final AddedTokens inNormalizedText;

    private ClipTokenizer(BytePairs pairs, Specials specials, List<AddedToken> normalized, int maxLength) {
        super(pairs, specials, maxLength);
        this.inNormalizedText = new AddedTokens(normalized);
    }

    /**
     * Opens a folder such as {@code tokenizer/} or {@code tokenizer_2/} of a diffusers checkpoint.
     *
     * @throws TokenizerException if a file cannot be used
     */
    public static ClipTokenizer open(Path folder) {
        return open(folder, PadInText.PAD);
    }

    /** Opens a folder, with a choice of what the pad token's name means in a prompt. Errors as {@link #open(Path)}. */
    public static ClipTokenizer open(Path folder, PadInText padInText) {
        SpecialTokensConfig config = SpecialTokensConfig.read(folder);
        BytePairs pairs = new BytePairs(
                folder,
                WORD_END,
                config.token("unk_token").map(Described::content).orElse(END));
        Specials specials = new Specials(folder, config, pairs);
        specials.role("unk_token", Described.exact(END));
        Described pad = specials.role("pad_token", Described.exact(END));
        Described begin = specials.role("bos_token", Described.exact(START));
        Described end = specials.role("eos_token", Described.exact(END));
        boolean padIsOwn =
                !pad.content().equals(begin.content()) && !pad.content().equals(end.content());
        if (padInText == PadInText.TEXT && padIsOwn) {
            specials.makeOrdinary(pad.content());
        }
        List<AddedToken> normalized = new ArrayList<>();
        for (Described token : List.of(begin, end)) {
            boolean padOverrules = pad.content().equals(token.content()) && !pad.normalized();
            if (token.normalized() && !padOverrules) {
                int id = pairs.id(token.content()).orElseThrow();
                normalized.add(new AddedToken(token.content(), id, true, false, false));
            }
        }
        int maxLength = config.setting("model_max_length").asInt(MAX_LENGTH);
        return new ClipTokenizer(pairs, specials, normalized, maxLength);
    }

    /** Begin and end are also recognised in capitals where the files say that they are matched in normalised text. */
    @Override
    public List<Segment> parse(String text) {
        List<Segment> segments = new ArrayList<>();
        for (Segment segment : super.parse(text)) {
            if (segment instanceof Segment.Text plain) {
                segments.addAll(inNormalizedText.split(normalize(plain.text())));
            } else {
                segments.add(segment);
            }
        }
        return segments;
    }

    @Override
    void encodeText(String text, IntStream.Builder ids) {
        encodeWords(WORDS, normalize(text), ids);
    }

    /** The text of the ids, words separated by blanks, without blanks around it. */
    @Override
    public String decode(int[] ids, SpecialTokens specials) {
        String text = super.decode(ids, specials).replace(WORD_END, " ");
        int from = 0;
        int to = text.length();
        while (from < to && PythonText.isSpace(text.charAt(from))) {
            from++;
        }
        while (to > from && PythonText.isSpace(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    /** Composed and in lower case, each character by itself (so that a final sigma is like any other). */
    private static String normalize(String text) {
        StringBuilder lower = new StringBuilder(text.length());
        Normalizer.normalize(text, Normalizer.Form.NFC)
                .codePoints()
                .forEach(c -> lower.append(Character.toString(c).toLowerCase(Locale.ROOT)));
        return lower.toString();
    }
}
