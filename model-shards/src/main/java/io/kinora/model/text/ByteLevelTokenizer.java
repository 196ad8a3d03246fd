package io.kinora.model.text;

import io.kinora.model.text.SpecialTokensConfig.Described;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A tokenizer over UTF-8 bytes: text is cut into words by a pattern, and each word's bytes are joined by ranked merges.
 * CLIP's and RoBERTa's differ in the words, in what is done to the text before, and in what is put around it.
 */
abstract class ByteLevelTokenizer implements Tokenizer {
    /** Contractions, runs of letters, of digits, of anything else, and of blanks, each with one blank before it. */
    static final Pattern GPT2_WORDS = Pattern.compile(
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
            Pattern.UNICODE_CHARACTER_CLASS);

    private final ByteSymbols symbols = new ByteSymbols();
    private final BytePairs pairs;
    private final AddedTokens added;
    private final int vocabularySize;
    private final int beginId;
    private final int endId;
    private final int padId;
    private final int maxLength;

    ByteLevelTokenizer(BytePairs pairs, Specials specials, int maxLength) {
        this.pairs = pairs;
        this.added = new AddedTokens(specials.tokens.values());
        this.vocabularySize = added.endId(pairs.size());
        this.beginId = specials.required("bos_token");
        this.endId = specials.required("eos_token");
        this.padId = specials.required("pad_token");
        this.maxLength = maxLength;
    }

    /** Cuts text without special tokens into words, and gives the ids of each. */
    abstract void encodeText(String text, IntStream.Builder ids);

    final void encodeWords(Pattern pattern, String text, IntStream.Builder ids) {
        Matcher words = pattern.matcher(text);
        while (words.find()) {
            pairs.encode(symbols.encode(words.group()), ids);
        }
    }

    @Override
    public final int vocabularySize() {
        return vocabularySize;
    }

    @Override
    public final OptionalInt id(String token) {
        return added.byContent(token).map(known -> OptionalInt.of(known.id())).orElseGet(() -> pairs.id(token));
    }

    @Override
    public final String token(int id) {
        return added.byId(id).map(AddedToken::content).orElseGet(() -> {
            if (id < 0 || id >= pairs.size()) {
                throw new TokenizerException(
                        "no token has the id %d; ids go from 0 to %d".formatted(id, vocabularySize - 1));
            }
            return pairs.name(id);
        });
    }

    @Override
    public final OptionalInt beginId() {
        return OptionalInt.of(beginId);
    }

    @Override
    public final OptionalInt endId() {
        return OptionalInt.of(endId);
    }

    @Override
    public final OptionalInt padId() {
        return OptionalInt.of(padId);
    }

    /** Length that rows are padded and truncated to, begin and end included. */
    public final int maxLength() {
        return maxLength;
    }

    @Override
    public List<Segment> parse(String text) {
        return added.split(text);
    }

    @Override
    public final int[] encode(List<Segment> segments) {
        IntStream.Builder ids = IntStream.builder();
        for (Segment segment : added.joinAndStrip(segments)) {
            if (segment instanceof Segment.Text text) {
                encodeText(text.text(), ids);
            } else if (segment instanceof Segment.Token token) {
                token(token.id());
                ids.add(token.id());
            }
        }
        return ids.build().toArray();
    }

    @Override
    public final int[] encodeParsed(String text) {
        return around(encode(parse(text)));
    }

    /**
     * A text as the official pipelines give it to the text encoder: {@link #encodeParsed}, truncated to {@link #maxLength}
     * with the end kept, and padded on the right.
     */
    public final int[] encodePadded(String text) {
        return encodePadded(text, maxLength);
    }

    /** {@link #encodePadded(String)} to another length, at least 2. */
    public final int[] encodePadded(String text, int length) {
        return PaddedRows.toLength(this, List.of(encodeParsed(text)), length)
                .ids()
                .get(0);
    }

    private int[] around(int[] content) {
        return IntStream.concat(IntStream.concat(IntStream.of(beginId), IntStream.of(content)), IntStream.of(endId))
                .toArray();
    }

    @Override
    public String decode(int[] ids, SpecialTokens specials) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int id : ids) {
            String token = token(id);
            if (specials == SpecialTokens.KEPT || !added.isSpecial(id)) {
                symbols.decode(token, bytes);
            }
        }
        return Utf8.decode(bytes.toByteArray(), Utf8.Replacement.EACH_BEGINNING);
    }

    @Override
    public boolean isOrdinary(int id) {
        return id >= 0 && id < vocabularySize && added.byId(id).isEmpty();
    }

    @Override
    public boolean dropsFirstBlank() {
        return false;
    }

    @Override
    public byte[] surface(int id) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        symbols.decode(token(id), bytes);
        return bytes.toByteArray();
    }

    @Override
    public final StreamingDecoder streamingDecoder(SpecialTokens specials) {
        return new RedecodingStream(this, specials);
    }

    /** The special tokens of a folder, each with a role. */
    static final class Specials {
        private final Path folder;
        private final SpecialTokensConfig config;
        private final BytePairs pairs;
        private final Map<String, AddedToken> tokens = new LinkedHashMap<>();
        private final Map<String, Integer> roles = new LinkedHashMap<>();

        Specials(Path folder, SpecialTokensConfig config, BytePairs pairs) {
            this.folder = folder;
            this.config = config;
            this.pairs = pairs;
            config.addedIds().forEach((name, id) -> put(Described.exact(name), id));
        }

        /** The token with a role; the fallback where no file names one. */
        Described role(String role, Described fallback) {
            Described token = config.token(role).orElse(fallback);
            OptionalInt id = tokens.containsKey(token.content())
                    ? OptionalInt.of(tokens.get(token.content()).id())
                    : pairs.id(token.content());
            int known = id.orElseThrow(() -> new TokenizerException(
                    "%s: the %s '%s' is not in vocab.json".formatted(folder, role, token.content())));
            put(token, known);
            roles.put(role, known);
            return token;
        }

        private void put(Described token, int id) {
            tokens.put(token.content(), new AddedToken(token.content(), id, true, token.lstrip(), token.rstrip()));
        }

        /** Takes a token's special meaning in text away; it keeps its role. */
        void makeOrdinary(String name) {
            tokens.remove(name);
        }

        private int required(String role) {
            Integer id = roles.get(role);
            if (id == null) {
                throw new TokenizerException("%s has no %s".formatted(folder, role));
            }
            return id;
        }
    }
}
