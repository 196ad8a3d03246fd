package io.kinora.model.text;

import io.kinora.model.text.SpecialTokensConfig.Described;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * LLaMA's tokenizer: a SentencePiece BPE model, and added tokens above it.
 *
 * <p>{@link TokenizerStyle#NATIVE} follows transformers' slow {@code LlamaTokenizer} in its legacy form, {@link
 * TokenizerStyle#HUGGING_FACE} the fast one converted from the same file. Every stretch of text between two tokens is encoded
 * by itself, with SentencePiece's leading blank.
 */
final class LlamaTokenizer implements Tokenizer {
    private final SentencePieceModel model;
    private final SentencePieceBpe bpe;
    private final AddedTokens added;
    private final TokenizerStyle style;
    private final int vocabularySize;
    private final OptionalInt beginId;
    private final OptionalInt endId;
    private final OptionalInt padId;
    private final boolean addsBegin;
    private final boolean addsEnd;
    private final Side paddingSide;
    private final Side truncationSide;

    private LlamaTokenizer(SentencePieceModel model, SpecialTokensConfig config, TokenizerOptions options) {
        Vocabulary vocabulary = new Vocabulary(model, options.style());
        OptionalInt unknown = vocabulary.role(config, "unk_token", "<unk>");
        this.beginId = vocabulary.role(config, "bos_token", "<s>");
        this.endId = vocabulary.role(config, "eos_token", "</s>");
        vocabulary.addStored(config);
        this.padId = vocabulary.pad(config);
        vocabulary.addOptions(options);
        this.model = model;
        this.bpe = new SentencePieceBpe(model);
        this.added = new AddedTokens(vocabulary.tokens.values());
        this.style = options.style();
        this.vocabularySize = added.endId(model.size());
        this.addsBegin = config.setting("add_bos_token").asBoolean(true) && beginId.isPresent();
        this.addsEnd = config.setting("add_eos_token").asBoolean(false) && endId.isPresent();
        this.paddingSide = config.side("padding_side");
        this.truncationSide = config.side("truncation_side");
        if (unknown.isEmpty()) {
            throw new TokenizerException("the tokenizer has no unknown token");
        }
    }

    /**
     * Opens a folder with a {@code tokenizer.model}.
     *
     * @throws TokenizerException if a file cannot be used
     */
    static LlamaTokenizer open(Path folder, TokenizerOptions options) {
        SpecialTokensConfig config = SpecialTokensConfig.read(folder);
        if (config.setting("legacy").isBoolean() && !config.setting("legacy").asBoolean()) {
            throw new TokenizerException(
                    ("%s/tokenizer_config.json says \"legacy\": false, the tokenization of later LLaMA models; "
                                    + "only the legacy form is supported from tokenizer.model, use a folder with tokenizer.json")
                            .formatted(folder));
        }
        return new LlamaTokenizer(SentencePieceModel.read(folder.resolve("tokenizer.model")), config, options);
    }

    @Override
    public int vocabularySize() {
        return vocabularySize;
    }

    @Override
    public OptionalInt id(String token) {
        return added.byContent(token).map(known -> OptionalInt.of(known.id())).orElseGet(() -> model.id(token));
    }

    @Override
    public String token(int id) {
        return added.byId(id).map(AddedToken::content).orElseGet(() -> {
            if (id < 0 || id >= model.size()) {
                throw new TokenizerException(
                        "no token has the id %d; ids go from 0 to %d".formatted(id, vocabularySize - 1));
            }
            return model.piece(id).text();
        });
    }

    @Override
    public OptionalInt beginId() {
        return beginId;
    }

    @Override
    public OptionalInt endId() {
        return endId;
    }

    @Override
    public OptionalInt padId() {
        return padId;
    }

    @Override
    public Side paddingSide() {
        return paddingSide;
    }

    @Override
    public Side truncationSide() {
        return truncationSide;
    }

    @Override
    public List<Segment> parse(String text) {
        return added.split(text);
    }

    @Override
    public int[] encode(List<Segment> segments) {
        IntStream.Builder ids = IntStream.builder();
        for (Segment segment : added.joinAndStrip(segments)) {
            if (segment instanceof Segment.Text text) {
                IntStream.of(bpe.encode(model.normalize(text.text()))).forEach(ids);
            } else if (segment instanceof Segment.Token token) {
                ids.add(checked(token.id()));
            }
        }
        return ids.build().toArray();
    }

    @Override
    public int[] encodeParsed(String text) {
        IntStream.Builder ids = IntStream.builder();
        if (addsBegin) {
            beginId.ifPresent(ids);
        }
        IntStream.of(encode(parse(text))).forEach(ids);
        if (addsEnd) {
            endId.ifPresent(ids);
        }
        return ids.build().toArray();
    }

    @Override
    public boolean isOrdinary(int id) {
        return id >= 0 && id < model.size() && added.byId(id).isEmpty() && model.isText(id);
    }

    @Override
    public boolean dropsFirstBlank() {
        return true;
    }

    @Override
    public String decode(int[] ids, SpecialTokens specials) {
        if (style == TokenizerStyle.NATIVE) {
            LlamaNativeDecoder decoder = new LlamaNativeDecoder(this, model, added, specials);
            return decoder.all(ids);
        }
        return all(new LlamaFusedDecoder(this, model, added, specials), ids);
    }

    @Override
    public byte[] surface(int id) {
        String name = token(id);
        if (added.byId(id).isPresent() || id >= model.size()) {
            return Utf8.bytes(name);
        }
        return SentencePieceModel.bytes(name, model.piece(id).type() == SentencePieceModel.PieceType.BYTE);
    }

    @Override
    public StreamingDecoder streamingDecoder(SpecialTokens specials) {
        return style == TokenizerStyle.NATIVE
                ? new LlamaNativeDecoder(this, model, added, specials)
                : new LlamaFusedDecoder(this, model, added, specials);
    }

    private static String all(StreamingDecoder decoder, int[] ids) {
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(decoder.next(id));
        }
        return text.append(decoder.finish()).toString();
    }

    private int checked(int id) {
        token(id);
        return id;
    }

    /** Collects the added tokens in the official loader's order: roles, stored ids, then whatever has no id yet. */
    private static final class Vocabulary {
        private final SentencePieceModel model;
        private final TokenizerStyle style;
        private final Map<String, AddedToken> tokens = new LinkedHashMap<>();
        private final Map<String, Integer> stored = new LinkedHashMap<>();

        Vocabulary(SentencePieceModel model, TokenizerStyle style) {
            this.model = model;
            this.style = style;
        }

        OptionalInt role(SpecialTokensConfig config, String role, String fallback) {
            Described token = config.token(role).orElse(Described.exact(fallback));
            OptionalInt id = model.id(token.content());
            id.ifPresent(known -> put(token, known, true));
            return id;
        }

        void addStored(SpecialTokensConfig config) {
            stored.putAll(config.addedIds());
            Map<String, Described> specials = new LinkedHashMap<>();
            config.decoderSpecials().forEach(token -> specials.put(token.content(), token));
            config.additionalTokens().forEach(token -> specials.put(token.content(), token));
            config.token("pad_token").ifPresent(token -> specials.put(token.content(), token));
            stored.forEach((name, id) -> {
                Described token = specials.getOrDefault(name, Described.plain(name));
                if (!tokens.containsKey(name)) {
                    put(token, id, specials.containsKey(name));
                }
            });
            List<Described> withoutId = new ArrayList<>(specials.values());
            withoutId.removeIf(token -> tokens.containsKey(token.content()));
            withoutId.forEach(token -> put(token, model.id(token.content()).orElseGet(this::nextId), true));
        }

        OptionalInt pad(SpecialTokensConfig config) {
            return config.token("pad_token")
                    .map(token -> OptionalInt.of(tokens.get(token.content()).id()))
                    .orElse(OptionalInt.empty());
        }

        void addOptions(TokenizerOptions options) {
            options.specialTokens().forEach(name -> addNew(name, true));
            options.ordinaryTokens().forEach(name -> addNew(name, false));
        }

        private void addNew(String name, boolean special) {
            if (!tokens.containsKey(name)) {
                put(Described.plain(name), model.id(name).orElseGet(this::nextId), special);
            }
        }

        private int nextId() {
            return new AddedTokens(tokens.values()).endId(model.size());
        }

        private void put(Described token, int id, boolean special) {
            boolean stripsBoth = token.plain() && style == TokenizerStyle.NATIVE;
            tokens.put(
                    token.content(),
                    new AddedToken(
                            token.content(), id, special, stripsBoth || token.lstrip(), stripsBoth || token.rstrip()));
        }
    }
}
