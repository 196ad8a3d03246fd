package io.kinora.kafka.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.kafka.MalformedRecordException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Holds the published schemas against the code: names, types, what is required, and every limit. */
final class WireSchemaTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    /** Fields that must agree with another one: no other value of them alone is allowed. */
    private static final Set<String> BOUND =
            Set.of("/question/choices", "/alert/choice", "/action", "/whenBehind/policy");

    private static final Set<Class<?>> STRINGS = Set.of(String.class, ClipReference.class, URI.class, Instant.class);

    @ParameterizedTest
    @EnumSource
    void schemaNamesExactlyTheFieldsOfTheCodeWithTheirTypes(WireSchema schema) throws Exception {
        JsonNode json = MAPPER.readTree(schema.json());
        assertThat(json.get("$id").textValue()).isEqualTo(schema.id());
        compare(schema.kind(), json, bodyOf(schema));
    }

    @ParameterizedTest
    @EnumSource
    void examplesAreReadAndKeepTheirValuesWhenWrittenBack(WireSchema schema) throws Exception {
        for (JsonNode example : MAPPER.readTree(schema.json()).get("examples")) {
            JsonNode written = MAPPER.readTree(WireJson.write(read(schema, example)));
            for (Map.Entry<String, JsonNode> field : example.properties()) {
                assertSameValues(field.getKey(), field.getValue(), written.get(field.getKey()));
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> everyLimitOfTheSchemaIsTheCodes() throws JsonProcessingException {
        List<DynamicTest> tests = new ArrayList<>();
        for (WireSchema schema : WireSchema.values()) {
            JsonNode json = MAPPER.readTree(schema.json());
            for (JsonNode example : json.get("examples")) {
                new Limits(schema, (ObjectNode) example, tests).collect("", json, example);
            }
        }
        return tests.stream();
    }

    /** Turns each limit in a schema into values on both sides of it, put into an example. */
    private record Limits(WireSchema schema, ObjectNode example, List<DynamicTest> tests) {
        void collect(String path, JsonNode object, JsonNode value) {
            Set<String> required = texts(object.path("required"));
            for (Map.Entry<String, JsonNode> property : object.get("properties").properties()) {
                String at = path + "/" + property.getKey();
                JsonNode limit = property.getValue();
                if (!value.has(property.getKey())) {
                    continue;
                }
                if (required.contains(property.getKey())) {
                    check(at, "is required", false, copy -> parent(copy, at).remove(property.getKey()));
                }
                if (limit.path("type").asText().equals("object")) {
                    collect(at, limit, value.get(property.getKey()));
                } else {
                    numbers(at, limit);
                    strings(at, limit);
                    arrays(at, limit);
                    put(
                            at,
                            "an object is refused",
                            false,
                            MAPPER.createObjectNode().put("a", 1));
                }
            }
        }

        private void numbers(String at, JsonNode limit) {
            if (limit.has("exclusiveMinimum")) {
                put(at, "the excluded minimum", false, limit.get("exclusiveMinimum"));
            }
            if (limit.has("minimum")) {
                BigDecimal minimum = limit.get("minimum").decimalValue();
                put(at, "below the minimum", false, number(limit, minimum.subtract(BigDecimal.ONE)));
                // A total of 1 beside a step of 3 breaks another rule, so the minimum itself is tried on lone fields.
                if (!at.startsWith("/progress")) {
                    put(at, "the minimum", true, number(limit, minimum));
                }
            }
            if (limit.has("exclusiveMinimum")) {
                BigDecimal bound = limit.get("exclusiveMinimum").decimalValue();
                put(at, "the excluded minimum", false, number(limit, bound));
                put(at, "just above the excluded minimum", true, number(limit, bound.add(new BigDecimal("0.001"))));
            }
            if (limit.has("maximum")) {
                BigDecimal maximum = limit.get("maximum").decimalValue();
                put(at, "the maximum", true, number(limit, maximum));
                put(at, "above the maximum", false, number(limit, maximum.add(BigDecimal.ONE)));
            }
            if (limit.has("multipleOf")) {
                put(
                        at,
                        "between multiples",
                        false,
                        number(limit, new BigDecimal(limit.get("multipleOf").intValue() * 4 + 1)));
            }
            if (limit.path("type").asText().equals("integer")) {
                put(at, "a fraction is refused", false, MAPPER.getNodeFactory().numberNode(8.5));
                put(at, "a string is refused", false, MAPPER.getNodeFactory().textNode("8"));
            }
        }

        private static JsonNode number(JsonNode limit, BigDecimal value) {
            boolean integer = limit.get("type").asText().equals("integer");
            return integer
                    ? MAPPER.getNodeFactory().numberNode(value.toBigIntegerExact())
                    : MAPPER.getNodeFactory().numberNode(value.doubleValue());
        }

        private void arrays(String at, JsonNode limit) {
            if (!limit.path("type").asText().equals("array") || !limit.has("maxItems")) {
                return;
            }
            int most = limit.get("maxItems").intValue();
            put(at, "the most items", true, items(most));
            put(at, "more items", false, items(most + 1));
            if (limit.has("minItems")) {
                put(at, "too few items", false, items(limit.get("minItems").intValue() - 1));
            }
            if (limit.path("uniqueItems").asBoolean()) {
                put(at, "an item twice", false, items(2).add("text 0"));
            }
            int longest = limit.get("items").get("maxLength").intValue();
            put(at, "the longest items", true, items(2).set(1, "x".repeat(longest)));
            put(at, "longer items", false, items(2).set(1, "x".repeat(longest + 1)));
            put(at, "an empty item", false, items(2).set(1, ""));
        }

        private static ArrayNode items(int count) {
            ArrayNode texts = MAPPER.createArrayNode();
            IntStream.range(0, count).forEach(i -> texts.add("text " + i));
            return texts;
        }

        private void strings(String at, JsonNode limit) {
            if (!limit.path("type").asText().equals("string")) {
                return;
            }
            put(at, "a number is refused", false, MAPPER.getNodeFactory().numberNode(BigInteger.TEN));
            if (limit.has("maxLength")) {
                int length = limit.get("maxLength").intValue();
                String start = limit.path("pattern").asText().equals("^data:image/") ? "data:image/" : "";
                put(at, "the longest", true, text(start, length));
                put(at, "longer", false, text(start, length + 1));
            }
            if (limit.has("minLength")) {
                put(at, "empty", false, MAPPER.getNodeFactory().textNode(""));
            }
            if (limit.has("pattern")) {
                put(at, "off the pattern", false, MAPPER.getNodeFactory().textNode("No Pattern!"));
            }
            if (limit.has("format")) {
                put(at, "off the format", false, MAPPER.getNodeFactory().textNode("yesterday at noon"));
            }
            if (limit.has("enum")) {
                put(at, "none of the enum", false, MAPPER.getNodeFactory().textNode("other"));
            }
        }

        private static JsonNode text(String start, int length) {
            return MAPPER.getNodeFactory().textNode(start + "x".repeat(length - start.length()));
        }

        private void put(String at, String what, boolean allowed, JsonNode value) {
            String field = at.substring(at.lastIndexOf('/') + 1);
            check(at, what, allowed, copy -> parent(copy, at).set(field, value));
        }

        private static ObjectNode parent(ObjectNode root, String at) {
            return (ObjectNode) root.at(at.substring(0, at.lastIndexOf('/')));
        }

        private void check(String at, String what, boolean allowed, Consumer<ObjectNode> change) {
            if (allowed && BOUND.contains(at)) {
                return;
            }
            ObjectNode changed = example.deepCopy();
            change.accept(changed);
            tests.add(DynamicTest.dynamicTest(schema.kind() + at + ": " + what, () -> {
                if (allowed) {
                    assertThat(read(schema, changed)).isNotNull();
                } else {
                    assertThatThrownBy(() -> read(schema, changed))
                            .isInstanceOf(MalformedRecordException.class)
                            .hasMessageContaining(at.substring(at.lastIndexOf('/') + 1));
                }
            }));
        }
    }

    private static Class<?> bodyOf(WireSchema schema) {
        return switch (schema) {
            case QUESTION -> Question.Body.class;
            case PROMPT -> PromptBody.class;
            case ANSWER -> Answer.class;
            case ANSWER_DELTA -> AnswerDelta.class;
            case JOB_STATE -> JobState.class;
            case CLAIM_CHECK -> ClaimCheck.class;
            case SUBSCRIPTION -> Subscription.Body.class;
            case SUBSCRIPTION_STATE -> SubscriptionState.class;
            case ALERT -> Alert.class;
            case LETTER_DECISION -> LetterDecision.class;
            case INSTRUCTION -> Instruction.Body.class;
            case RESPONSE -> Response.class;
            case SESSION -> Session.class;
        };
    }

    private static Object read(WireSchema schema, JsonNode json) throws JsonProcessingException {
        Object body = WireJson.read(MAPPER.writeValueAsString(json), bodyOf(schema));
        if (body instanceof Question.Body question) {
            return question.resolve("default", Optional.empty());
        }
        if (body instanceof Subscription.Body subscription) {
            return subscription.resolve(Optional.of(subscription.id().orElse("default")));
        }
        if (body instanceof Instruction.Body instruction) {
            return instruction.resolve("default");
        }
        return body instanceof PromptBody prompt ? prompt.resolve("default", Optional.empty()) : body;
    }

    private static void compare(String where, JsonNode schema, Class<?> type) {
        Map<String, Type> fields = new LinkedHashMap<>();
        Set<String> required = new TreeSet<>();
        for (RecordComponent component : type.getRecordComponents()) {
            boolean optional = component.getType() == Optional.class;
            fields.put(
                    component.getName(),
                    optional
                            ? ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0]
                            : component.getGenericType());
            if (!optional) {
                required.add(component.getName());
            }
        }
        Set<String> named = new TreeSet<>();
        schema.get("properties").fieldNames().forEachRemaining(named::add);
        assertThat(named).as(where).isEqualTo(new TreeSet<>(fields.keySet()));
        assertThat(texts(schema.path("required"))).as(where + " required").isEqualTo(required);
        fields.forEach((name, field) ->
                compareField(where + "." + name, schema.get("properties").get(name), field));
    }

    private static void compareField(String where, JsonNode schema, Type type) {
        if (type instanceof ParameterizedType list) {
            assertThat(list.getRawType()).as(where).isEqualTo(List.class);
            assertThat(schema.get("type").asText()).as(where).isEqualTo("array");
            compareField(where + "[]", schema.get("items"), list.getActualTypeArguments()[0]);
            return;
        }
        Class<?> raw = (Class<?>) type;
        if (raw == Prompt.Generate.class) {
            assertThat(schema.get("$ref").asText()).as(where).isEqualTo(WireSchema.PROMPT.id());
            return;
        }
        if (raw == Answer.class) {
            assertThat(schema.get("$ref").asText()).as(where).isEqualTo(WireSchema.ANSWER.id());
            return;
        }
        assertThat(schema.get("type").asText()).as(where).isEqualTo(jsonType(raw));
        if (raw.isEnum()) {
            assertThat(texts(schema.get("enum"))).as(where).isEqualTo(wireNames(raw));
        }
        if (jsonType(raw).equals("object")) {
            compare(where, schema, raw);
        }
    }

    private static String jsonType(Class<?> type) {
        if (STRINGS.contains(type) || type.isEnum()) {
            return "string";
        }
        if (type == int.class || type == long.class || type == Integer.class || type == Long.class) {
            return "integer";
        }
        if (type == double.class || type == Double.class || type == Duration.class) {
            return "number";
        }
        return type == boolean.class || type == Boolean.class ? "boolean" : "object";
    }

    private static Set<String> wireNames(Class<?> type) {
        Set<String> names = new TreeSet<>();
        Arrays.stream(type.getFields())
                .filter(field -> field.isEnumConstant())
                .forEach(field ->
                        names.add(field.getAnnotation(JsonProperty.class).value()));
        return names;
    }

    private static Set<String> texts(JsonNode array) {
        Set<String> texts = new TreeSet<>();
        array.forEach(next -> texts.add(next.asText()));
        return texts;
    }

    private static void assertSameValues(String where, JsonNode expected, JsonNode actual) {
        assertThat(actual).as(where).isNotNull();
        if (expected.isNumber()) {
            assertThat(actual.decimalValue()).as(where).isEqualByComparingTo(expected.decimalValue());
        } else if (expected.isArray()) {
            assertThat(actual.size()).as(where).isEqualTo(expected.size());
            for (int i = 0; i < expected.size(); i++) {
                assertSameValues(where + "[" + i + "]", expected.get(i), actual.get(i));
            }
        } else if (expected.isObject()) {
            for (Map.Entry<String, JsonNode> field : expected.properties()) {
                assertSameValues(where + "." + field.getKey(), field.getValue(), actual.get(field.getKey()));
            }
        } else {
            assertThat(actual).as(where).isEqualTo(expected);
        }
    }
}
