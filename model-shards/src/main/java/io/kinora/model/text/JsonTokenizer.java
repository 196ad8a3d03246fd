package io.kinora.model.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.model.text.SpecialTokensConfig.Described;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Any tokenizer that is released as a {@code tokenizer.json}, through Hugging Face's own library.
 *
 * <p>The library always recognises added tokens in text, so plain text goes through a second instance that has none. Nothing
 * is fetched or reported over the network: the binding's offline mode is switched on before it loads.
 */
final class JsonTokenizer implements Tokenizer {
    /** DJL reports its use to its makers, and may download a GPU build, unless these are set when it loads. */
    private static final Map<String, String> OFFLINE =
            Map.of("ai.djl.offline", "true", "OPT_OUT_TRACKING", "true", "RUST_FLAVOR", "cpu");

    private static final Pattern BYTE_NAME = Pattern.compile("<0x[0-9A-F]{2}>");
    private static final Map<String, String> PLAIN = Map.of("truncation", "false", "padding", "false");

    private final HuggingFaceTokenizer whole;
    private final HuggingFaceTokenizer textOnly;
    private final AddedTokens added;
    private final Map<String, Integer> ids = new HashMap<>();
    private final Map<Integer, String> names = new HashMap<>();
    private final Optional<ByteSymbols> byteSymbols;
    private final int vocabularySize;
    private final OptionalInt beginId;
    private final OptionalInt endId;
    private final OptionalInt padId;

    private JsonTokenizer(JsonNode json, SpecialTokensConfig config) {
        OFFLINE.forEach(System::setProperty);
        this.whole = instance(json);
        this.textOnly = instance(withoutAddedTokens(json));
        this.added = new AddedTokens(addedTokens(json));
        json.path("model")
                .path("vocab")
                .properties()
                .forEach(entry -> name(entry.getKey(), entry.getValue().asInt()));
        json.path("added_tokens")
                .forEach(token ->
                        name(token.path("content").asText(), token.path("id").asInt()));
        this.byteSymbols = json.path("decoder").findValuesAsText("type").contains("ByteLevel")
                ? Optional.of(new ByteSymbols())
                : Optional.empty();
        this.vocabularySize =
                names.keySet().stream().mapToInt(Integer::intValue).max().orElse(-1) + 1;
        this.beginId = role(config, "bos_token");
        this.endId = role(config, "eos_token");
        this.padId = role(config, "pad_token");
    }

    /**
     * Opens a folder with a {@code tokenizer.json}.
     *
     * @throws TokenizerException if a file cannot be used
     */
    static JsonTokenizer open(Path folder) {
        JsonNode json = SpecialTokensConfig.json(folder.resolve("tokenizer.json"));
        if (!json.path("model").path("vocab").isObject()) {
            throw new TokenizerException("%s/tokenizer.json holds no model with a vocabulary".formatted(folder));
        }
        return new JsonTokenizer(json, SpecialTokensConfig.read(folder));
    }

    private static HuggingFaceTokenizer instance(JsonNode json) {
        byte[] bytes = json.toString().getBytes(StandardCharsets.UTF_8);
        try {
            return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(bytes), PLAIN);
        } catch (IOException | RuntimeException e) {
            throw new TokenizerException("tokenizer.json cannot be used: " + e.getMessage(), e);
        }
    }

    private static JsonNode withoutAddedTokens(JsonNode json) {
        ObjectNode plain = json.deepCopy();
        plain.putArray("added_tokens");
        plain.putNull("post_processor");
        return plain;
    }

    private static List<AddedToken> addedTokens(JsonNode json) {
        List<AddedToken> tokens = new ArrayList<>();
        json.path("added_tokens")
                .forEach(token -> tokens.add(new AddedToken(
                        token.path("content").asText(),
                        token.path("id").asInt(),
                        token.path("special").asBoolean(),
                        token.path("lstrip").asBoolean(),
                        token.path("rstrip").asBoolean())));
        return tokens;
    }

    private void name(String name, int id) {
        ids.put(name, id);
        names.put(id, name);
    }

    private OptionalInt role(SpecialTokensConfig config, String role) {
        Optional<Described> token = config.token(role);
        return token.isPresent() ? id(token.get().content()) : OptionalInt.empty();
    }

    @Override
    public int vocabularySize() {
        return vocabularySize;
    }

    @Override
    public OptionalInt id(String token) {
        Integer id = ids.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    @Override
    public String token(int id) {
        return Optional.ofNullable(names.get(id))
                .orElseThrow(() -> new TokenizerException(
                        "no token has the id %d; ids go from 0 to %d".formatted(id, vocabularySize - 1)));
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
    public int[] encode(List<Segment> segments) {
        StringBuilder spelled = new StringBuilder();
        for (Segment segment : segments) {
            spelled.append(segment instanceof Segment.Text text ? text.text() : token(((Segment.Token) segment).id()));
        }
        // Some files treat the first text and later ones differently, so texts without names in them stay together.
        if (added.split(spelled.toString()).equals(added.join(segments))) {
            return ints(whole.encode(spelled.toString(), false, false).getIds());
        }
        IntStream.Builder result = IntStream.builder();
        for (Segment segment : added.joinAndStrip(segments)) {
            if (segment instanceof Segment.Text text) {
                IntStream.of(ints(textOnly.encode(text.text(), false, false).getIds()))
                        .forEach(result);
            } else if (segment instanceof Segment.Token token) {
                result.add(token.id());
            }
        }
        return result.build().toArray();
    }

    private static int[] ints(long[] ids) {
        return LongStream.of(ids).mapToInt(Math::toIntExact).toArray();
    }

    @Override
    public int[] encodeParsed(String text) {
        return ints(whole.encode(text, true, false).getIds());
    }

    @Override
    public List<Segment> parse(String text) {
        return added.split(text);
    }

    @Override
    public String decode(int[] ids, SpecialTokens specials) {
        for (int id : ids) {
            token(id);
        }
        return whole.decode(IntStream.of(ids).asLongStream().toArray(), specials == SpecialTokens.SKIPPED);
    }

    @Override
    public boolean isOrdinary(int id) {
        return names.containsKey(id) && added.byId(id).isEmpty();
    }

    @Override
    public boolean dropsFirstBlank() {
        return byteSymbols.isEmpty();
    }

    @Override
    public byte[] surface(int id) {
        String name = token(id);
        if (added.byId(id).isPresent()) {
            return Utf8.bytes(name);
        }
        if (byteSymbols.isPresent()) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            byteSymbols.get().decode(name, bytes);
            return bytes.toByteArray();
        }
        return SentencePieceModel.bytes(name, BYTE_NAME.matcher(name).matches());
    }

    @Override
    public StreamingDecoder streamingDecoder(SpecialTokens specials) {
        return new RedecodingStream(this, specials);
    }
}
