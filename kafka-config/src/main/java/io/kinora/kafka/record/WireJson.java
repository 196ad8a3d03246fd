package io.kinora.kafka.record;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonMappingException.Reference;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.MalformedRecordException.Code;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The JSON of the wire records. Fields that a reader does not know are passed over, so that writers may add some; a
 * known field with a value of another type is an error, never a guess. Times are ISO-8601 in UTC, durations are seconds.
 * Thread-safe.
 */
public final class WireJson {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .addModule(new Jdk8Module())
            .addModule(new JavaTimeModule())
            .addModule(new SimpleModule().addDeserializer(Instant.class, new StrictInstantReader()))
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .disable(
                    DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                    DeserializationFeature.ACCEPT_FLOAT_AS_INT,
                    DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
            .enable(
                    DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
                    DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
                    DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .enable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_ABSENT, JsonInclude.Include.NON_ABSENT))
            .withCoercionConfig(
                    LogicalType.Textual, config -> config.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
            .build();

    private WireJson() {}

    /** The record as UTF-8 JSON. */
    public static byte[] write(Object wireRecord) {
        try {
            return MAPPER.writeValueAsBytes(wireRecord);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(
                    "a wire record always has a JSON form, %s has none".formatted(wireRecord), e);
        }
    }

    /**
     * Reads one JSON object.
     *
     * @throws MalformedRecordException when it is not JSON, or a value is missing, of another type or not allowed
     */
    public static <T> T read(byte[] json, Class<T> type) {
        ObjectReader reader = MAPPER.readerFor(type);
        try (JsonParser parser = reader.createParser(json)) {
            T value = reader.readValue(parser);
            if (value == null) {
                throw new MalformedRecordException(Code.SYNTAX, "body is the JSON value null, expected an object");
            }
            return value;
        } catch (ValueInstantiationException e) {
            throw new MalformedRecordException(Code.VALUE, describe(e, rootMessage(e)), e);
        } catch (MismatchedInputException e) {
            throw new MalformedRecordException(Code.VALUE, describe(e, mismatch(e)), e);
        } catch (JsonMappingException e) {
            throw new MalformedRecordException(Code.VALUE, describe(e, rootMessage(e)), e);
        } catch (JsonProcessingException e) {
            throw new MalformedRecordException(
                    Code.SYNTAX,
                    "body is not JSON: %s at byte %d"
                            .formatted(words(e), e.getLocation().getByteOffset()),
                    e);
        } catch (IOException e) {
            throw new MalformedRecordException(Code.SYNTAX, "body is not JSON: " + e.getMessage(), e);
        }
    }

    /** {@link #read(byte[], Class)} of a text. */
    public static <T> T read(String json, Class<T> type) {
        return read(json.getBytes(StandardCharsets.UTF_8), type);
    }

    /** What is wrong with a text that is not JSON, without the parser's remarks about itself. */
    public static String words(JsonProcessingException e) {
        return plain(e.getOriginalMessage());
    }

    private static String plain(String message) {
        return message.replaceAll("\\s+at \\[Source: .*?; line: (\\d+), column: (\\d+)]", " at line $1, column $2");
    }

    private static String describe(JsonMappingException e, String what) {
        String path = path(e.getPath());
        return path.isEmpty() ? what : path + ": " + what;
    }

    private static String mismatch(MismatchedInputException e) {
        String message = e.getOriginalMessage();
        return message == null
                ? "value of another type"
                : message.replaceAll("^Null value for creator property.*", "is missing")
                        .replaceAll("\\(use .*?\\)|`java\\.[a-z.]*\\.?|`", "")
                        .replaceAll(
                                "^Cannot coerce (\\w+) value \\((.*?)\\) to (\\w+) value.*", "is $2 ($1), expected $3");
    }

    private static String rootMessage(JsonMappingException e) {
        Throwable cause = e.getCause();
        return plain(cause == null || cause.getMessage() == null ? e.getOriginalMessage() : cause.getMessage());
    }

    private static String path(List<Reference> path) {
        return path.stream()
                .map(step -> step.getFieldName() != null ? step.getFieldName() : "[" + step.getIndex() + "]")
                .collect(Collectors.joining("."));
    }
}
