package io.kinora.service.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.actors.shard.AnswerForm;
import io.kinora.model.llm.grammar.GrammarException;
import io.kinora.model.llm.grammar.JsonSchemaGrammar;
import java.util.Optional;

/** Reads the form that an answer is to have: OpenAI's {@code response_format}, or vLLM's {@code guided_json}. Stateless. */
final class AnswerFormReader {
    private static final String FORMAT = "response_format";

    private AnswerFormReader() {}

    /** Empty where any text will do. */
    static Optional<AnswerForm> read(JsonFields body) {
        if (body.has("guided_json")) {
            return Optional.of(schema(body.raw("guided_json"), "guided_json"));
        }
        Optional<JsonFields> format = body.object(FORMAT);
        if (format.isEmpty()) {
            return Optional.empty();
        }
        JsonFields fields = format.get();
        return switch (fields.requiredText("type")) {
            case "text" -> Optional.empty();
            case "json_object" -> Optional.of(new AnswerForm.JsonObject());
            case "json_schema" -> {
                JsonFields named = fields.requiredObject("json_schema");
                yield Optional.of(schema(named.raw("schema"), named.name("schema")));
            }
            default -> throw fields.refused("type", "text, json_object or json_schema");
        };
    }

    private static AnswerForm schema(JsonNode schema, String param) {
        try {
            JsonSchemaGrammar.of(schema);
            return new AnswerForm.JsonSchema(Json.write(schema));
        } catch (GrammarException e) {
            throw ApiException.invalid(param, "%s cannot be kept to: %s".formatted(param, e.getMessage()));
        }
    }
}
