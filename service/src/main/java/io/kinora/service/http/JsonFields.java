package io.kinora.service.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A JSON object of a request. Whatever is not as it should be is an {@link ApiException} that names the field. */
final class JsonFields {
    private static final int SHOWN = 60;

    private final JsonNode object;
    private final String path;

    private JsonFields(JsonNode object, String path) {
        this.object = object;
        this.path = path;
    }

    /** The body of a request. */
    static JsonFields body(JsonNode node) {
        if (!node.isObject()) {
            throw ApiException.of(
                    ApiException.Kind.INVALID, "invalid_json", "the body has to be a JSON object, got " + shown(node));
        }
        return new JsonFields(node, "");
    }

    /** Name of a field as messages call it. */
    String name(String field) {
        return path.isEmpty() ? field : path + "." + field;
    }

    boolean has(String field) {
        return !object.path(field).isMissingNode() && !object.path(field).isNull();
    }

    JsonNode raw(String field) {
        return object.path(field);
    }

    Optional<String> text(String field) {
        return value(field, JsonNode::isTextual, JsonNode::textValue, "a string");
    }

    /** A string that has to be there. */
    String requiredText(String field) {
        return text(field).orElseThrow(() -> missing(field));
    }

    Optional<Boolean> flag(String field) {
        return value(field, JsonNode::isBoolean, JsonNode::booleanValue, "true or false");
    }

    OptionalInt integer(String field, int min, int max) {
        OptionalLong value = longInteger(field, min, max);
        return value.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Math.toIntExact(value.getAsLong()));
    }

    OptionalLong longInteger(String field, long min, long max) {
        String allowed = "a whole number from %d to %d".formatted(min, max);
        Optional<Long> value = value(
                field,
                node -> node.canConvertToExactIntegral()
                        && node.canConvertToLong()
                        && node.longValue() >= min
                        && node.longValue() <= max,
                JsonNode::longValue,
                allowed);
        return value.isEmpty() ? OptionalLong.empty() : OptionalLong.of(value.get());
    }

    OptionalDouble number(String field, double min, double max) {
        Optional<Double> value = value(
                field,
                node -> node.isNumber() && node.doubleValue() >= min && node.doubleValue() <= max,
                JsonNode::doubleValue,
                String.format(Locale.ROOT, "a number from %s to %s", min, max));
        return value.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(value.get());
    }

    /** One of the names of an enumeration, in lower case. */
    <E extends Enum<E>> Optional<E> oneOf(String field, Class<E> type) {
        E[] values = type.getEnumConstants();
        return text(field).map(text -> Stream.of(values)
                .filter(value -> lower(value).equals(text))
                .findFirst()
                .orElseThrow(() -> refused(
                        field,
                        "one of " + Stream.of(values).map(JsonFields::lower).collect(Collectors.joining(", ")))));
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** An object inside; empty if it is not there. */
    Optional<JsonFields> object(String field) {
        return value(field, JsonNode::isObject, Function.identity(), "an object")
                .map(node -> new JsonFields(node, name(field)));
    }

    /** An object inside that has to be there. */
    JsonFields requiredObject(String field) {
        return object(field).orElseThrow(() -> missing(field));
    }

    /** The objects of a list; empty if it is not there. */
    List<JsonFields> objects(String field, int most) {
        List<JsonFields> result = new ArrayList<>();
        JsonNode list = list(field, most);
        for (int i = 0; i < list.size(); i++) {
            if (!list.get(i).isObject()) {
                throw ApiException.invalid(
                        "%s[%d]".formatted(name(field), i), "it has to be an object, got " + shown(list.get(i)));
            }
            result.add(new JsonFields(list.get(i), "%s[%d]".formatted(name(field), i)));
        }
        return result;
    }

    /** A list of strings, or one string alone; empty if it is not there. */
    List<String> texts(String field, int most) {
        if (!has(field)) {
            return List.of();
        }
        if (object.path(field).isTextual()) {
            return List.of(object.path(field).textValue());
        }
        List<String> result = new ArrayList<>();
        for (JsonNode item : list(field, most)) {
            if (!item.isTextual()) {
                throw refused(field, "a string or a list of strings");
            }
            result.add(item.textValue());
        }
        return result;
    }

    private JsonNode list(String field, int most) {
        JsonNode list = object.path(field);
        if (has(field) && (!list.isArray() || list.size() > most)) {
            throw refused(field, "a list of at most %d".formatted(most));
        }
        return list;
    }

    private <T> Optional<T> value(
            String field, Predicate<JsonNode> allows, Function<JsonNode, T> read, String allowed) {
        if (!has(field)) {
            return Optional.empty();
        }
        JsonNode node = object.path(field);
        if (!allows.test(node)) {
            throw refused(field, allowed);
        }
        return Optional.of(read.apply(node));
    }

    /** The error of a field that is not what is allowed. */
    ApiException refused(String field, String allowed) {
        return ApiException.invalid(
                name(field), "%s has to be %s, got %s".formatted(name(field), allowed, shown(object.path(field))));
    }

    private ApiException missing(String field) {
        return ApiException.of(ApiException.Kind.INVALID, "missing_required_parameter", name(field) + " is required")
                .about(name(field));
    }

    private static String shown(JsonNode node) {
        if (node.isObject() || node.isArray()) {
            return node.isObject() ? "an object" : "a list of " + node.size();
        }
        String text = node.toString();
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }
}
