package io.kinora.model.llm.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.model.text.ShapesTokenizer;
import io.kinora.model.text.Tokenizer;
import io.kinora.model.text.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TokenConstraintTest {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final int LONG_ENOUGH = 400;

    @TempDir
    private static Path folder;

    private static Tokenizer tokenizer;
    private static TokenConstraint.Vocabulary vocabulary;

    @BeforeAll
    static void openTokenizer() throws IOException {
        Path files = Files.createDirectory(folder.resolve("tokenizer"));
        ShapesTokenizer.writeTo(files);
        tokenizer = Tokenizers.open(files);
        vocabulary = new TokenConstraint.Vocabulary(tokenizer);
    }

    @Test
    void everyTokenThatFitsIsAllowedAndNoOther() {
        TokenConstraint.Run run = vocabulary
                .compile(Grammar.of(
                        Expression.choice(new Expression.Text("red circle"), new Expression.Text("red square"))))
                .start();

        BitSet allowed = run.allowed();
        assertThat(allowed.stream().mapToObj(id -> text(id, true)))
                .isNotEmpty()
                .allMatch(text -> "red circle".startsWith(text) || "red square".startsWith(text));
        assertThat(run.isWhole()).isFalse();
        assertThatThrownBy(() -> run.accept(tokenizer.encode("blue")[0]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("does not allow");
    }

    @Test
    void aTextEndsWhereTheGrammarEndsIt() {
        String wanted = "a red circle moves";
        TokenConstraint.Run run =
                vocabulary.compile(Grammar.of(new Expression.Text(wanted))).start();

        for (int token : tokenizer.encode(wanted)) {
            assertThat(run.isOver()).isFalse();
            assertThat(run.allowed().get(token)).isTrue();
            run.accept(token);
        }

        assertThat(run.isOver()).isTrue();
        assertThat(run.allowed().isEmpty()).isTrue();
    }

    @Test
    void anAddedTokenComesOnlyWhereItIsNamed() {
        int begin = tokenizer.id("[IMG]").orElseThrow();
        TokenConstraint.Run free = vocabulary
                .compile(Grammar.of(Expression.anyNumber(Expression.noneOf(""))))
                .start();
        TokenConstraint.Run named =
                vocabulary.compile(Grammar.of(new Expression.Token("[IMG]"))).start();

        assertThat(free.allowed().get(begin)).isFalse();
        assertThat(named.allowed().stream()).containsExactly(begin);
        named.accept(begin);
        assertThat(named.isOver()).isTrue();
    }

    @Test
    void charactersOutsideTheVocabularyAreSpelledInBytes() {
        TokenConstraint.Run run = vocabulary
                .compile(Grammar.of(new Expression.Repeat(
                        new Expression.Symbol(List.of(new Expression.Range(0x4e00, 0x9fff)), false),
                        2,
                        OptionalInt.of(2))))
                .start();

        for (int token : tokenizer.encode("\u65e5\u672c")) {
            if (!tokenizer.decode(token).isEmpty()) {
                run.accept(token);
            }
        }

        assertThat(run.isOver()).isTrue();
    }

    @Test
    void aRuleThatBeginsWithItselfIsRefused() {
        Expression again = Expression.sequence(new Expression.Rule("a"), new Expression.Text("x"));

        assertThatThrownBy(() -> vocabulary.compile(new Grammar(new Expression.Rule("a"), Map.of("a", again))))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("'a' begins with itself");
    }

    @Test
    void nestedListsCloseAsOftenAsTheyOpen() {
        Expression list = Expression.sequence(
                new Expression.Text("("), Expression.anyNumber(new Expression.Rule("list")), new Expression.Text(")"));
        TokenConstraint constraint = vocabulary.compile(new Grammar(new Expression.Rule("list"), Map.of("list", list)));

        for (int seed = 0; seed < 5; seed++) {
            String text = written(constraint, seed);
            assertThat(text.chars().filter(c -> c == '(').count())
                    .isEqualTo(text.chars().filter(c -> c == ')').count())
                    .isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\": \"object\", \"properties\": {\"shape\": {\"enum\": [\"circle\", \"square\"]}, \"count\": {\"type\": \"integer\"},"
                        + " \"tags\": {\"type\": \"array\", \"items\": {\"type\": \"string\", \"maxLength\": 5}, \"maxItems\": 2}},"
                        + " \"required\": [\"count\"]}",
                "{\"type\": \"array\", \"items\": {\"type\": [\"boolean\", \"null\"]}, \"minItems\": 2, \"maxItems\": 4}",
                "{\"anyOf\": [{\"const\": 3.5}, {\"type\": \"string\", \"minLength\": 2, \"maxLength\": 4}]}",
                "{\"$ref\": \"#/$defs/tree\", \"$defs\": {\"tree\": {\"type\": \"object\", \"properties\": {\"left\": {\"$ref\": \"#/$defs/tree\"},"
                        + " \"name\": {\"enum\": [\"red\"]}}, \"required\": [\"name\"]}}}"
            })
    void whateverIsDrawnFitsTheSchema(String schema) throws JsonProcessingException {
        JsonNode wanted = JSON.readTree(schema);
        TokenConstraint constraint = vocabulary.compile(JsonSchemaGrammar.of(wanted));

        for (int seed = 0; seed < 20; seed++) {
            JsonNode drawn = JSON.readTree(written(constraint, seed));
            assertThat(fits(drawn, wanted, wanted)).as(drawn.toString()).isTrue();
        }
    }

    @Test
    void anyObjectIsAnObject() throws JsonProcessingException {
        TokenConstraint constraint = vocabulary.compile(JsonSchemaGrammar.anyObject());

        for (int seed = 0; seed < 20; seed++) {
            assertThat(JSON.readTree(written(constraint, seed)).isObject()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\": \"string\", \"pattern\": \"a+\"}",
                "{\"type\": \"smell\"}",
                "{\"type\": \"object\", \"properties\": {}, \"required\": [\"x\"]}",
                "{\"$ref\": \"#/$defs/none\"}",
                "{\"enum\": []}",
                "3"
            })
    void aSchemaThatCannotBeKeptToIsRefused(String schema) throws JsonProcessingException {
        JsonNode node = JSON.readTree(schema);

        assertThatThrownBy(() -> JsonSchemaGrammar.of(node)).isInstanceOf(GrammarException.class);
    }

    @Test
    void aSchemaOfAsManyPropertiesAsAreAllowedIsKeptTo() throws JsonProcessingException {
        TokenConstraint constraint = vocabulary.compile(JsonSchemaGrammar.of(optionalProperties(200)));

        JsonNode drawn = JSON.readTree(written(constraint, 1));
        assertThat(drawn.isObject()).isTrue();
        drawn.fieldNames().forEachRemaining(name -> assertThat(name).matches("p[0-9]+"));
    }

    @Test
    void aSchemaThatIsTooLargeIsRefusedByItsPlaceAndNeverUnfolded() throws JsonProcessingException {
        ObjectNode values = JSON.createObjectNode();
        ArrayNode choices = values.putArray("enum");
        IntStream.rangeClosed(0, 5000).forEach(choices::add);
        JsonNode deep = JSON.readTree("{\"type\": \"array\", \"items\": ".repeat(40) + "true" + "}".repeat(40));
        JsonNode huge = JSON.readTree(
                "{\"type\": \"array\", \"minItems\": 10000, \"items\": {\"type\": \"array\", \"minItems\": 10000, \"items\": true}}");

        assertThatThrownBy(() -> JsonSchemaGrammar.of(optionalProperties(201)))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("200 properties");
        assertThatThrownBy(() -> JsonSchemaGrammar.of(values))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("5,000 values");
        assertThatThrownBy(() -> JsonSchemaGrammar.of(deep))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("32 deep");
        assertThatThrownBy(() -> vocabulary.compile(JsonSchemaGrammar.of(huge)))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("elements");
    }

    private static JsonNode optionalProperties(int count) {
        ObjectNode schema = JSON.createObjectNode().put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        IntStream.range(0, count).forEach(i -> properties.putObject("p" + i).put("type", "boolean"));
        return schema;
    }

    /** Draws tokens at random and, after a while, those that lead to an end: a model that knows nothing. */
    private static String written(TokenConstraint constraint, long seed) {
        Random random = new Random(seed);
        TokenConstraint.Run run = constraint.start();
        List<Integer> tokens = new ArrayList<>();
        while (!run.isOver() && !(run.isWhole() && random.nextInt(3) == 0)) {
            int[] allowed = run.allowed().stream().toArray();
            assertThat(allowed).as("tokens behind %s", tokens).isNotEmpty();
            int token = allowed[random.nextInt(allowed.length)];
            if (tokens.size() > 20) {
                token = closing(allowed, token);
            }
            run.accept(token);
            tokens.add(token);
            assertThat(tokens).hasSizeLessThan(LONG_ENOUGH);
        }
        return tokenizer.decode(tokens.stream().mapToInt(Integer::intValue).toArray());
    }

    private static int closing(int[] allowed, int otherwise) {
        for (String end : List.of("\"", "}", "]", ")")) {
            for (int token : allowed) {
                if (text(token, false).equals(end)) {
                    return token;
                }
            }
        }
        return otherwise;
    }

    private static String text(int token, boolean first) {
        return new String(PieceTrie.bytes(tokenizer, token, first), java.nio.charset.StandardCharsets.UTF_8);
    }

    /** As much of JSON schema as the cases above have. */
    private static boolean fits(JsonNode value, JsonNode schema, JsonNode root) {
        if (schema.has("$ref")) {
            return fits(value, root.at(schema.path("$ref").asText().substring(1)), root);
        }
        if (schema.has("anyOf")) {
            return java.util.stream.StreamSupport.stream(schema.path("anyOf").spliterator(), false)
                    .anyMatch(one -> fits(value, one, root));
        }
        if (schema.has("const")) {
            return value.equals(schema.path("const"));
        }
        if (schema.has("enum")) {
            return java.util.stream.StreamSupport.stream(schema.path("enum").spliterator(), false)
                    .anyMatch(value::equals);
        }
        if (value.isObject()) {
            return java.util.stream.StreamSupport.stream(schema.path("required").spliterator(), false)
                            .allMatch(name -> value.has(name.asText()))
                    && value.properties().stream()
                            .allMatch(property -> schema.path("properties").has(property.getKey())
                                    && fits(
                                            property.getValue(),
                                            schema.path("properties").path(property.getKey()),
                                            root));
        }
        if (value.isArray()) {
            return value.size() >= schema.path("minItems").asInt(0)
                    && value.size() <= schema.path("maxItems").asInt(Integer.MAX_VALUE)
                    && java.util.stream.StreamSupport.stream(value.spliterator(), false)
                            .allMatch(item -> fits(item, schema.path("items"), root));
        }
        String types = schema.path("type").toString();
        if (value.isTextual()) {
            int characters =
                    value.textValue().codePointCount(0, value.textValue().length());
            return types.contains("string")
                    && characters <= schema.path("maxLength").asInt(LONG_ENOUGH);
        }
        String type = value.isNull() ? "null" : value.isBoolean() ? "boolean" : "integer";
        return types.contains(type);
    }
}
