package io.kinora.service.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.kafka.record.WireJson;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** JSON of requests, read strictly, and JSON of replies. */
final class Json {
    private static final int DEEPEST = 64;
    private static final int LONGEST_NUMBER = 64;

    /** Builds nodes and writes them. */
    static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    static {
        MAPPER.getFactory()
                .setStreamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(DEEPEST)
                        .maxNumberLength(LONGEST_NUMBER)
                        // Clips come inside of strings; the whole body is bounded before it gets here.
                        .maxStringLength(Integer.MAX_VALUE)
                        .build());
    }

    private Json() {}

    /** Reads a body. */
    static JsonNode read(ByteBuffer utf8) {
        try {
            CharBuffer text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(utf8);
            JsonNode node = MAPPER.readTree(text.toString());
            return node.isMissingNode() ? MAPPER.nullNode() : node;
        } catch (CharacterCodingException e) {
            throw ApiException.of(ApiException.Kind.INVALID, "invalid_json", "the body is not UTF-8");
        } catch (JsonProcessingException e) {
            throw ApiException.of(
                    ApiException.Kind.INVALID, "invalid_json", "the body is not JSON: " + WireJson.words(e));
        }
    }

    /** The JSON of a record of Kinora's topics. */
    static ObjectNode of(Object wireRecord) {
        return (ObjectNode) read(ByteBuffer.wrap(WireJson.write(wireRecord)));
    }

    /** Writes a node. */
    static String write(JsonNode node) {
        try {
            return MAPPER.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a node of our own can be written", e);
        }
    }
}
