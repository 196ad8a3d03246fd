package io.kinora.model.llm.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * JSON schemas as grammars, as far as a grammar can hold them: types, {@code properties} in their order with {@code required}, {@code items} with
 * their counts, {@code enum}, {@code const}, {@code anyOf}, {@code oneOf}, lengths of strings, and {@code $ref} to {@code $defs}, also to itself.
 *
 * <p>Objects have the properties named and no others. What a schema demands and a grammar cannot hold ({@code pattern}, {@code minimum} …)
 * is refused, so that nobody relies on it in vain; what only describes is passed over. Blanks: one may stand behind a colon or comma.
 */
public final class JsonSchemaGrammar {
    private static final Set<String> DESCRIPTIONS = Set.of(
            "title",
            "description",
            "default",
            "examples",
            "$schema",
            "$id",
            "$comment",
            "deprecated",
            "readOnly",
            "writeOnly",
            "$defs",
            "definitions",
            "additionalProperties",
            "strict",
            "name");
    private static final Map<String, Set<String>> KNOWN = Map.of(
            "object", Set.of("properties", "required"),
            "array", Set.of("items", "minItems", "maxItems"),
            "string", Set.of("minLength", "maxLength"),
            "number", Set.of(),
            "integer", Set.of(),
            "boolean", Set.of(),
            "null", Set.of());
    private static final int LONGEST_COUNT = 10_000;
    private static final int LONGEST = 65_536;
    private static final int MOST_NESTED = 32;
    private static final int MOST_PROPERTIES = 200;
    private static final int MOST_VALUES = 5_000;
    private static final String VALUE = "json value";
    private static final Expression BLANK = Expression.optional(new Expression.Text(" "));
    private static final Expression DIGIT = new Expression.Symbol(List.of(new Expression.Range('0', '9')), false);
    private static final Expression HEX = new Expression.Symbol(
            List.of(new Expression.Range('0', '9'), new Expression.Range('a', 'f'), new Expression.Range('A', 'F')),
            false);

    private final JsonNode root;
    private final Map<String, Expression> rules = new HashMap<>();
    private final Set<String> begun = new HashSet<>();
    private int nested;
    private int properties;
    private int values;

    private JsonSchemaGrammar(JsonNode root) {
        this.root = root;
    }

    /** Any JSON object. */
    public static Grammar anyObject() {
        JsonSchemaGrammar made = new JsonSchemaGrammar(TextNode.valueOf(""));
        made.anyValue();
        return new Grammar(object(new Expression.Rule(VALUE)), made.rules);
    }

    /**
     * What a schema describes.
     *
     * @throws GrammarException if it is no schema, or demands what a grammar cannot hold; the message names the place
     */
    public static Grammar of(JsonNode schema) {
        int length = schema.toString().length();
        if (length > LONGEST) {
            throw new GrammarException("#: the schema has %,d characters, allowed are %,d".formatted(length, LONGEST));
        }
        JsonSchemaGrammar made = new JsonSchemaGrammar(schema);
        Expression start = made.value(schema, "#");
        return new Grammar(start, made.rules);
    }

    private Expression value(JsonNode schema, String at) {
        if (nested == MOST_NESTED) {
            throw new GrammarException("%s: the schema is nested more than %d deep".formatted(at, MOST_NESTED));
        }
        nested++;
        Expression value = valueOf(schema, at);
        nested--;
        return value;
    }

    /** Counts what a schema says in all its places together. */
    private static int within(int most, int count, String what, String at) {
        if (count > most) {
            throw new GrammarException("%s: the schema has more than %,d %s".formatted(at, most, what));
        }
        return count;
    }

    private Expression valueOf(JsonNode schema, String at) {
        if (schema.isBoolean() && schema.asBoolean()) {
            return anyValue();
        }
        if (!schema.isObject()) {
            throw new GrammarException("%s: a schema is an object, got %s".formatted(at, schema));
        }
        for (String name : List.of("anyOf", "oneOf")) {
            if (schema.has(name)) {
                return alternatives(schema, name, at);
            }
        }
        if (schema.has("$ref")) {
            refuseOthers(schema, Set.of("$ref"), at);
            return reference(schema.path("$ref").asText(), at);
        }
        if (schema.has("const")) {
            refuseOthers(schema, Set.of("const", "type"), at);
            return literal(schema.path("const"));
        }
        if (schema.has("enum")) {
            refuseOthers(schema, Set.of("enum", "type"), at);
            values = within(MOST_VALUES, values + schema.path("enum").size(), "values to choose from", at);
            List<Expression> literals = StreamSupport.stream(schema.path("enum").spliterator(), false)
                    .map(JsonSchemaGrammar::literal)
                    .toList();
            if (literals.isEmpty()) {
                throw new GrammarException(at + "/enum: there is no value to choose from");
            }
            return new Expression.Choice(literals);
        }
        JsonNode type = schema.path("type");
        if (type.isArray() && !type.isEmpty()) {
            return new Expression.Choice(StreamSupport.stream(type.spliterator(), false)
                    .map(one -> typed(one.asText(), schema, true, at))
                    .toList());
        }
        if (type.isMissingNode()) {
            refuseOthers(schema, Set.of("properties", "required"), at);
            return schema.has("properties") ? typed("object", schema, false, at) : anyValue();
        }
        return typed(type.asText(), schema, false, at);
    }

    private Expression alternatives(JsonNode schema, String name, String at) {
        refuseOthers(schema, Set.of(name), at);
        List<Expression> found = new ArrayList<>();
        for (JsonNode alternative : schema.path(name)) {
            found.add(value(alternative, "%s/%s/%d".formatted(at, name, found.size())));
        }
        return new Expression.Choice(found);
    }

    private Expression reference(String reference, String at) {
        if (!reference.startsWith("#")) {
            throw new GrammarException(
                    "%s: $ref is '%s'; only places in the schema itself are known".formatted(at, reference));
        }
        if (begun.add(reference)) {
            JsonNode target = root.at(reference.substring(1));
            if (target.isMissingNode()) {
                throw new GrammarException("%s: there is no %s".formatted(at, reference));
            }
            rules.put(reference, value(target, reference));
        }
        return new Expression.Rule(reference);
    }

    private Expression typed(String type, JsonNode schema, boolean oneOfSeveral, String at) {
        Set<String> known = KNOWN.get(type);
        if (known == null) {
            throw new GrammarException("%s: there is no type '%s'; allowed are %s"
                    .formatted(at, type, KNOWN.keySet().stream().sorted().toList()));
        }
        if (!oneOfSeveral) {
            Set<String> allowed = new HashSet<>(known);
            allowed.add("type");
            refuseOthers(schema, allowed, at);
        }
        return switch (type) {
            case "object" -> schema.has("properties") ? properties(schema, at) : object(anyValue());
            case "array" -> array(schema, at);
            case "string" -> string(count(schema, "minLength", 0, at), limit(schema, "maxLength", at));
            case "number" -> number();
            case "integer" -> integer();
            case "boolean" -> Expression.choice(new Expression.Text("true"), new Expression.Text("false"));
            default -> new Expression.Text("null");
        };
    }

    private static void refuseOthers(JsonNode schema, Set<String> allowed, String at) {
        schema.fieldNames().forEachRemaining(name -> {
            if (!allowed.contains(name) && !DESCRIPTIONS.contains(name)) {
                throw new GrammarException(
                        "%s: '%s' cannot be kept to here; leave it out or describe it in words".formatted(at, name));
            }
        });
    }

    /** Properties come in the order in which they are named; those not required may be left out. */
    private Expression properties(JsonNode schema, String at) {
        Set<String> required = new HashSet<>();
        schema.path("required").forEach(name -> required.add(name.asText()));
        List<Map.Entry<String, JsonNode>> named =
                List.copyOf(schema.path("properties").properties());
        properties = within(MOST_PROPERTIES, properties + named.size(), "properties", at);
        required.stream()
                .filter(name -> !schema.path("properties").has(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new GrammarException(
                            "%s: '%s' is required, but there is no such property".formatted(at, name));
                });
        Expression following = Expression.EMPTY; // what may come behind a property
        Expression first = Expression.EMPTY; // what may come in front
        for (int i = named.size() - 1; i >= 0; i--) {
            String name = named.get(i).getKey();
            Expression property = Expression.sequence(
                    literal(TextNode.valueOf(name)),
                    new Expression.Text(":"),
                    BLANK,
                    value(named.get(i).getValue(), at + "/properties/" + name));
            boolean needed = required.contains(name);
            Expression rest = rule(at + " behind " + i, following);
            Expression begin = Expression.sequence(property, rest);
            Expression later = Expression.sequence(new Expression.Text(","), BLANK, property, rest);
            first = needed ? begin : Expression.choice(begin, rule(at + " from " + (i + 1), first));
            following = needed ? later : Expression.choice(later, rest);
        }
        return Expression.sequence(new Expression.Text("{"), first, new Expression.Text("}"));
    }

    /** A rule, so that what stands in several places is written once. */
    private Expression rule(String name, Expression expression) {
        rules.put(name, expression);
        return new Expression.Rule(name);
    }

    private static Expression object(Expression anyValue) {
        Expression pair =
                Expression.sequence(string(0, OptionalInt.empty()), new Expression.Text(":"), BLANK, anyValue);
        return Expression.sequence(
                new Expression.Text("{"), listed(pair, 0, OptionalInt.empty()), new Expression.Text("}"));
    }

    private Expression array(JsonNode schema, String at) {
        Expression item = schema.has("items") ? value(schema.path("items"), at + "/items") : anyValue();
        int least = count(schema, "minItems", 0, at);
        OptionalInt most = limit(schema, "maxItems", at);
        return Expression.sequence(new Expression.Text("["), listed(item, least, most), new Expression.Text("]"));
    }

    private static Expression listed(Expression item, int least, OptionalInt most) {
        if (most.isPresent() && most.getAsInt() == 0) {
            return Expression.EMPTY;
        }
        Expression more = Expression.sequence(new Expression.Text(","), BLANK, item);
        OptionalInt others = most.isPresent() ? OptionalInt.of(most.getAsInt() - 1) : most;
        Expression some = Expression.sequence(item, new Expression.Repeat(more, Math.max(0, least - 1), others));
        return least > 0 ? some : Expression.optional(some);
    }

    private static Expression string(int least, OptionalInt most) {
        Expression plain = new Expression.Symbol(
                List.of(
                        new Expression.Range(0, 0x1f),
                        new Expression.Range('"', '"'),
                        new Expression.Range('\\', '\\')),
                true);
        Expression escaped = Expression.sequence(
                new Expression.Text("\\"),
                Expression.choice(
                        Expression.oneOf("\"\\/bfnrt"),
                        Expression.sequence(new Expression.Text("u"), HEX, HEX, HEX, HEX)));
        Expression quote = new Expression.Text("\"");
        return Expression.sequence(quote, new Expression.Repeat(Expression.choice(plain, escaped), least, most), quote);
    }

    private static Expression integer() {
        Expression nonZero = new Expression.Symbol(List.of(new Expression.Range('1', '9')), false);
        return Expression.sequence(
                Expression.optional(new Expression.Text("-")),
                Expression.choice(new Expression.Text("0"), Expression.sequence(nonZero, Expression.anyNumber(DIGIT))));
    }

    private static Expression number() {
        Expression digits = new Expression.Repeat(DIGIT, 1, OptionalInt.empty());
        return Expression.sequence(
                integer(),
                Expression.optional(Expression.sequence(new Expression.Text("."), digits)),
                Expression.optional(Expression.sequence(
                        Expression.oneOf("eE"), Expression.optional(Expression.oneOf("+-")), digits)));
    }

    private Expression anyValue() {
        if (begun.add(VALUE)) {
            Expression any = new Expression.Rule(VALUE);
            rules.put(
                    VALUE,
                    Expression.choice(
                            object(any),
                            Expression.sequence(
                                    new Expression.Text("["),
                                    listed(any, 0, OptionalInt.empty()),
                                    new Expression.Text("]")),
                            string(0, OptionalInt.empty()),
                            number(),
                            new Expression.Text("true"),
                            new Expression.Text("false"),
                            new Expression.Text("null")));
        }
        return new Expression.Rule(VALUE);
    }

    private static Expression literal(JsonNode value) {
        return new Expression.Text(value.toString());
    }

    private static OptionalInt limit(JsonNode schema, String name, String at) {
        return schema.has(name) ? OptionalInt.of(count(schema, name, 0, at)) : OptionalInt.empty();
    }

    private static int count(JsonNode schema, String name, int missing, String at) {
        JsonNode value = schema.path(name);
        if (value.isMissingNode()) {
            return missing;
        }
        if (!value.canConvertToInt() || value.asInt() < 0 || value.asInt() > LONGEST_COUNT) {
            throw new GrammarException("%s: %s is %s, allowed is 0 to %,d".formatted(at, name, value, LONGEST_COUNT));
        }
        return value.asInt();
    }
}
