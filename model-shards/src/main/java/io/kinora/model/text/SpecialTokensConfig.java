package io.kinora.model.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code tokenizer_config.json}, {@code special_tokens_map.json} and {@code added_tokens.json} say about special and
 * added tokens. Each file may be absent. The map wins over the config, as in the official loader.
 */
final class SpecialTokensConfig {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * A token as a file describes it.
     *
     * @param normalized whether it is also recognised in another spelling that normalises to it
     * @param plain true if the file gives only its name: then the official slow tokenizers strip white space on both sides
     */
    record Described(String content, boolean lstrip, boolean rstrip, boolean normalized, boolean plain) {
        /** A token given by its name alone. */
        static Described plain(String content) {
            return new Described(content, false, false, false, true);
        }

        /** A token that takes no white space with it. */
        static Described exact(String content) {
            return new Described(content, false, false, false, false);
        }
    }

    private final Path folder;
    private final JsonNode config;
    private final JsonNode map;
    private final JsonNode added;

    private SpecialTokensConfig(Path folder, JsonNode config, JsonNode map, JsonNode added) {
        this.folder = folder;
        this.config = config;
        this.map = map;
        this.added = added;
    }

    /**
     * Reads the files of a folder.
     *
     * @throws TokenizerException if one is there and is not JSON
     */
    static SpecialTokensConfig read(Path folder) {
        return new SpecialTokensConfig(
                folder,
                json(folder.resolve("tokenizer_config.json")),
                json(folder.resolve("special_tokens_map.json")),
                json(folder.resolve("added_tokens.json")));
    }

    static JsonNode json(Path file) {
        if (!Files.exists(file)) {
            return MissingNode.getInstance();
        }
        try {
            return JSON.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new TokenizerException("%s is not JSON: %s".formatted(file, e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw new TokenizerException("%s cannot be read".formatted(file), e);
        }
    }

    /** A value of {@code tokenizer_config.json}; a missing node where there is none. */
    JsonNode setting(String name) {
        return config.path(name);
    }

    /** A side that a setting of {@code tokenizer_config.json} names; right where it names none. */
    Tokenizer.Side side(String name) {
        return setting(name).asText().equals("left") ? Tokenizer.Side.LEFT : Tokenizer.Side.RIGHT;
    }

    /** The token with a role such as {@code bos_token}. */
    Optional<Described> token(String role) {
        Optional<Described> inMap = described(map.path(role));
        // In the config alone, a bare name is wrapped by the class itself, without stripping.
        return inMap.isPresent()
                ? inMap
                : described(config.path(role))
                        .map(t -> new Described(t.content(), t.lstrip(), t.rstrip(), t.normalized(), false));
    }

    /** The {@code additional_special_tokens}, in their order. */
    List<Described> additionalTokens() {
        JsonNode list = map.has("additional_special_tokens")
                ? map.path("additional_special_tokens")
                : config.path("additional_special_tokens");
        List<Described> tokens = new ArrayList<>();
        list.forEach(node -> described(node).ifPresent(tokens::add));
        return tokens;
    }

    /** Names and ids of added tokens: {@code added_tokens.json}, or else {@code added_tokens_decoder} of newer configs. */
    Map<String, Integer> addedIds() {
        Map<String, Integer> ids = new LinkedHashMap<>();
        if (!added.isMissingNode()) {
            added.properties().forEach(entry -> ids.put(entry.getKey(), id(entry.getKey(), entry.getValue())));
        } else {
            config.path("added_tokens_decoder")
                    .properties()
                    .forEach(entry -> ids.put(entry.getValue().path("content").asText(), decoderId(entry.getKey())));
        }
        return ids;
    }

    /** Names that a newer config marks as special in {@code added_tokens_decoder}. */
    List<Described> decoderSpecials() {
        List<Described> tokens = new ArrayList<>();
        config.path("added_tokens_decoder").forEach(node -> {
            if (node.path("special").asBoolean()) {
                described(node).ifPresent(tokens::add);
            }
        });
        return tokens;
    }

    private int id(String name, JsonNode value) {
        if (!value.canConvertToInt() || value.asInt() < 0) {
            throw new TokenizerException("%s/added_tokens.json gives '%s' the id %s, expected a whole number"
                    .formatted(folder, name, value));
        }
        return value.asInt();
    }

    private int decoderId(String key) {
        try {
            return Integer.parseUnsignedInt(key);
        } catch (NumberFormatException e) {
            throw new TokenizerException(
                    "%s/tokenizer_config.json: added_tokens_decoder holds the id '%s', expected a whole number"
                            .formatted(folder, key),
                    e);
        }
    }

    private static Optional<Described> described(JsonNode node) {
        if (node.isTextual()) {
            return Optional.of(Described.plain(node.asText()));
        }
        if (node.isObject() && node.path("content").isTextual()) {
            return Optional.of(new Described(
                    node.path("content").asText(),
                    node.path("lstrip").asBoolean(),
                    node.path("rstrip").asBoolean(),
                    node.path("normalized").asBoolean(),
                    false));
        }
        return Optional.empty();
    }
}
