package io.kinora.kafka.headers;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.MalformedRecordException.Code;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.WireJson;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * A Kafka record with its CloudEvent, if it is one, taken apart: the same whether it came in binary mode, in structured
 * mode or plain. Content type and data are the data's own, not the envelope's.
 *
 * <p>CloudEvents Kafka protocol binding 1.0.2, sections 3.1 to 3.3.
 */
final class IncomingRecord {
    private static final String PREFIX = "ce_";
    private static final String CONTENT_TYPE = "content-type";
    private static final String JSON_EVENT = "application/cloudevents+json";

    private final ConsumerRecord<byte[], byte[]> kafka;
    private final Optional<EventAttributes> attributes;
    private final Optional<ContentType> contentType;
    private final Optional<byte[]> data;

    private IncomingRecord(
            ConsumerRecord<byte[], byte[]> kafka,
            Optional<EventAttributes> attributes,
            Optional<ContentType> contentType,
            Optional<byte[]> data) {
        this.kafka = kafka;
        this.attributes = attributes;
        this.contentType = contentType;
        this.data = data;
    }

    /** @throws MalformedRecordException when headers or envelope are not what CloudEvents allows */
    static IncomingRecord of(ConsumerRecord<byte[], byte[]> kafka) {
        Optional<ContentType> contentType =
                HeaderText.last(kafka.headers(), CONTENT_TYPE).map(ContentType::parse);
        if (contentType.isPresent() && contentType.get().isCloudEvent()) {
            return structured(kafka, contentType.get());
        }
        return new IncomingRecord(
                kafka, binaryAttributes(kafka.headers()), contentType, Optional.ofNullable(kafka.value()));
    }

    private static Optional<EventAttributes> binaryAttributes(Headers headers) {
        boolean isEvent = Stream.of("specversion", "id", "source", "type")
                .anyMatch(name -> headers.lastHeader(PREFIX + name) != null);
        if (!isEvent) {
            return Optional.empty();
        }
        Map<String, String> byName = new TreeMap<>();
        for (Header header : headers) {
            if (header.key().startsWith(PREFIX) && header.value() != null) {
                byName.put(
                        header.key().substring(PREFIX.length()),
                        HeaderText.utf8(header.value(), "header " + header.key(), Code.HEADER));
            }
        }
        return Optional.of(EventAttributes.of(byName));
    }

    private static IncomingRecord structured(ConsumerRecord<byte[], byte[]> kafka, ContentType envelopeType) {
        if (!envelopeType.mediaType().equals(JSON_EVENT) || !envelopeType.isUtf8()) {
            throw new MalformedRecordException(
                    Code.CONTENT_TYPE,
                    "content-type is %s, of the structured modes only %s in UTF-8 is read"
                            .formatted(envelopeType.mediaType(), JSON_EVENT));
        }
        if (kafka.value() == null) {
            throw new MalformedRecordException(Code.EMPTY, "structured CloudEvent has no value");
        }
        JsonNode envelope = WireJson.read(kafka.value(), JsonNode.class);
        if (!envelope.isObject()) {
            throw EventAttributes.malformed("envelope is no JSON object");
        }
        Map<String, String> byName = new TreeMap<>();
        for (Map.Entry<String, JsonNode> field : envelope.properties()) {
            boolean isData = field.getKey().equals("data") || field.getKey().equals("data_base64");
            if (!isData && !field.getValue().isNull()) {
                byName.put(field.getKey(), attributeText(field.getKey(), field.getValue()));
            }
        }
        Optional<ContentType> contentType =
                Optional.ofNullable(byName.remove("datacontenttype")).map(ContentType::parse);
        EventAttributes attributes = EventAttributes.of(byName);
        boolean jsonData = contentType.map(ContentType::isJson).orElse(true);
        Optional<byte[]> data = structuredData(envelope, jsonData);
        Optional<ContentType> dataType = contentType.isEmpty() && envelope.hasNonNull("data")
                ? Optional.of(ContentType.parse("application/json"))
                : contentType;
        return new IncomingRecord(kafka, Optional.of(attributes), dataType, data);
    }

    private static String attributeText(String name, JsonNode value) {
        if (value.isContainerNode()) {
            throw EventAttributes.malformed("attribute %s is a JSON %s, allowed are string, number and boolean"
                    .formatted(name, value.getNodeType()));
        }
        return value.asText();
    }

    private static Optional<byte[]> structuredData(JsonNode envelope, boolean jsonData) {
        JsonNode data = envelope.get("data");
        JsonNode base64 = envelope.get("data_base64");
        if (data != null && base64 != null) {
            throw EventAttributes.malformed("data and data_base64 are both given, allowed is one of them");
        }
        if (base64 != null && !base64.isNull()) {
            return Optional.of(decodeBase64(base64));
        }
        if (data == null || data.isNull()) {
            return Optional.empty();
        }
        boolean text = !jsonData && data.isTextual();
        return Optional.of(text ? HeaderText.bytes(data.textValue()) : WireJson.write(data));
    }

    private static byte[] decodeBase64(JsonNode base64) {
        if (!base64.isTextual()) {
            throw EventAttributes.malformed(
                    "data_base64 is a JSON %s, expected a string".formatted(base64.getNodeType()));
        }
        try {
            return Base64.getDecoder().decode(base64.textValue());
        } catch (IllegalArgumentException e) {
            throw new MalformedRecordException(
                    Code.CLOUD_EVENT, "CloudEvent: data_base64 is not Base64: " + e.getMessage(), e);
        }
    }

    ClipReference place() {
        return new ClipReference(kafka.topic(), kafka.partition(), kafka.offset());
    }

    Optional<EventAttributes> attributes() {
        return attributes;
    }

    Optional<ContentType> contentType() {
        return contentType;
    }

    /** Empty for a tombstone. */
    Optional<byte[]> data() {
        return data;
    }

    Headers headers() {
        return kafka.headers();
    }

    Instant timestamp() {
        return Instant.ofEpochMilli(Math.max(0, kafka.timestamp()));
    }

    /** The key as text; empty when there is none or it is of no length. */
    Optional<String> key() {
        byte[] key = kafka.key();
        return key == null || key.length == 0
                ? Optional.empty()
                : Optional.of(HeaderText.utf8(key, "key", Code.HEADER));
    }

    /** Plain headers win over the event's own attributes: they are the last hop's. */
    TraceContext trace() {
        return new TraceContext(traceHeader("traceparent"), traceHeader("tracestate"), traceHeader("baggage"));
    }

    private Optional<String> traceHeader(String name) {
        return HeaderText.last(kafka.headers(), name)
                .or(() -> attributes.map(event -> event.extensions().get(name)))
                .or(() -> HeaderText.last(kafka.headers(), PREFIX + name));
    }

    <T> Event<T> event(T body) {
        return new Event<>(body, place(), key(), timestamp(), attributes, trace());
    }
}
