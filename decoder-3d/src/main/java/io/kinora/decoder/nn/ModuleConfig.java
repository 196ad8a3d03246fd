package io.kinora.decoder.nn;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.model.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * A network's released {@code config.json}, read by key and type. A key that is absent or null has the official class's default,
 * which the caller gives. Every failure is a {@link CheckpointException} that names the file and the key. Immutable.
 */
public final class ModuleConfig {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String source;
    private final JsonNode root;

    private ModuleConfig(String source, JsonNode root) {
        this.source = source;
        this.root = root;
    }

    /** Reads {@code config.json} of a component's folder. */
    public static ModuleConfig read(Path folder) {
        Path file = folder.resolve("config.json");
        try {
            return parse(file.toString(), Files.readString(file));
        } catch (IOException e) {
            throw new CheckpointException("cannot read %s: %s".formatted(file, e), e);
        }
    }

    /** Reads a text; {@code source} names it in messages. */
    public static ModuleConfig parse(String source, String json) {
        try {
            JsonNode root = JSON.readTree(json);
            if (!root.isObject()) {
                throw new CheckpointException(source + " is not a JSON object");
            }
            return new ModuleConfig(source, root);
        } catch (JsonProcessingException e) {
            throw new CheckpointException("%s is not JSON: %s".formatted(source, e.getOriginalMessage()), e);
        }
    }

    /** True if the key is there and not null. */
    public boolean has(String key) {
        return root.hasNonNull(key);
    }

    /** A whole number. */
    public int integer(String key, int absent) {
        return has(key) ? integer(key, root.get(key)) : absent;
    }

    /** A number. */
    public double number(String key, double absent) {
        if (!has(key)) {
            return absent;
        }
        if (!root.get(key).isNumber()) {
            throw wrong(key, "a number");
        }
        return root.get(key).doubleValue();
    }

    /** A switch. */
    public boolean flag(String key, boolean absent) {
        if (!has(key)) {
            return absent;
        }
        if (!root.get(key).isBoolean()) {
            throw wrong(key, "true or false");
        }
        return root.get(key).booleanValue();
    }

    /** A text. */
    public Optional<String> text(String key) {
        if (!has(key)) {
            return Optional.empty();
        }
        if (!root.get(key).isTextual()) {
            throw wrong(key, "a text");
        }
        return Optional.of(root.get(key).textValue());
    }

    /** A list of whole numbers. */
    public List<Integer> integers(String key, List<Integer> absent) {
        if (!has(key)) {
            return absent;
        }
        if (!root.get(key).isArray()) {
            throw wrong(key, "a list of whole numbers");
        }
        List<Integer> values = new ArrayList<>();
        root.get(key).forEach(value -> values.add(integer(key, value)));
        return List.copyOf(values);
    }

    /** A list of lists of whole numbers. */
    public List<List<Integer>> integerLists(String key, List<List<Integer>> absent) {
        if (!has(key)) {
            return absent;
        }
        List<List<Integer>> lists = new ArrayList<>();
        for (JsonNode list : root.get(key)) {
            if (!list.isArray() || list.isEmpty()) {
                throw wrong(key, "a list of lists of whole numbers");
            }
            List<Integer> values = new ArrayList<>();
            list.forEach(value -> values.add(integer(key, value)));
            lists.add(List.copyOf(values));
        }
        return List.copyOf(lists);
    }

    /** A list of whole numbers, one for each of {@code count} blocks; a single number stands for all of them. */
    public List<Integer> integerPerBlock(String key, int count, int absent) {
        if (!has(key) || root.get(key).isInt()) {
            return Collections.nCopies(count, integer(key, absent));
        }
        List<Integer> values = integers(key, List.of());
        if (values.size() != count) {
            throw wrong(key, "one number, or one for each of %d blocks".formatted(count));
        }
        return values;
    }

    /** A list of texts. */
    public List<String> texts(String key, List<String> absent) {
        if (!has(key)) {
            return absent;
        }
        List<String> values = new ArrayList<>();
        root.get(key).forEach(value -> values.add(value.asText()));
        if (!root.get(key).isArray() || values.isEmpty()) {
            throw wrong(key, "a list of names");
        }
        return List.copyOf(values);
    }

    /** Refuses a value other than those that this implementation computes; absent is allowed. */
    public void require(String key, Object... allowed) {
        if (has(key) && List.of(allowed).stream().noneMatch(value -> matches(root.get(key), value))) {
            throw new CheckpointException(
                    "%s: '%s' is %s; supported is %s".formatted(source, key, root.get(key), List.of(allowed)));
        }
    }

    /** Refuses a key that has any value. */
    public void refuse(String key, String reason) {
        if (has(key)) {
            throw new CheckpointException("%s: '%s' is %s: %s".formatted(source, key, root.get(key), reason));
        }
    }

    /** An error about this configuration. */
    public CheckpointException invalid(String message) {
        return new CheckpointException(source + ": " + message);
    }

    private static boolean matches(JsonNode node, Object value) {
        if (value instanceof Number number) {
            return node.isNumber() && node.doubleValue() == number.doubleValue();
        }
        return node.asText().equals(value.toString());
    }

    private int integer(String key, JsonNode node) {
        if (!node.isInt()) {
            throw wrong(key, "a whole number");
        }
        return node.intValue();
    }

    private CheckpointException wrong(String key, String expected) {
        return new CheckpointException("%s: '%s' is %s, expected %s".formatted(source, key, root.get(key), expected));
    }
}
