package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.ConfigFactory;
import io.kinora.kafka.client.KafkaSettings;
import io.kinora.kafka.record.WireSchema;
import io.kinora.kafka.topic.TopicCatalog;
import io.kinora.kafka.topic.TopicSpec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The documents say what the code does. */
@Tag("slow")
@ExtendWith(RunningKinora.Extension.class)
class DocumentsTest {
    private final RunningKinora kinora;

    DocumentsTest(RunningKinora kinora) {
        this.kinora = kinora;
    }

    @Test
    void theOpenApiDocumentHasEveryOperationThatIsServedAndNoOther() throws Exception {
        JsonNode document = kinora.json(kinora.get("/openapi.json"));
        List<String> described = new ArrayList<>();
        document.path("paths").properties().forEach(path -> path.getValue()
                .fieldNames()
                .forEachRemaining(method -> described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
        assertThat(described)
                .containsExactlyInAnyOrderElementsOf(kinora.face().endpoints().stream()
                        .map(endpoint -> endpoint.method() + " " + endpoint.path())
                        .toList());
    }

    @Test
    void theOpenApiDocumentSaysWhatNeedsNoKey() throws Exception {
        JsonNode document = kinora.json(kinora.get("/openapi.json"));
        for (Endpoint endpoint : kinora.face().endpoints()) {
            JsonNode operation = document.path("paths")
                    .path(endpoint.path())
                    .path(endpoint.method().toLowerCase(Locale.ROOT));
            boolean open =
                    operation.has("security") && operation.path("security").isEmpty();
            assertThat(open)
                    .as(endpoint.method() + " " + endpoint.path())
                    .isEqualTo(endpoint.access() == Endpoint.Access.OPEN);
        }
    }

    @Test
    void everyReferenceOfTheOpenApiDocumentLeadsSomewhere() throws Exception {
        JsonNode document = kinora.json(kinora.get("/openapi.json"));
        Matcher references = Pattern.compile("\"\\$ref\":\"#([^\"]+)\"").matcher(Json.write(document));
        int found = 0;
        while (references.find()) {
            found++;
            assertThat(document.at(references.group(1)).isMissingNode())
                    .as(references.group(1))
                    .isFalse();
        }
        assertThat(found).isGreaterThan(50);
    }

    @Test
    void theAsyncApiDocumentHasEveryTopicAndEverySchema() throws Exception {
        JsonNode document = kinora.json(kinora.get("/asyncapi.json"));
        TopicCatalog topics = KafkaSettings.from(ConfigFactory.load()).topics();
        List<String> addresses = new ArrayList<>();
        document.path("channels")
                .forEach(channel -> addresses.add(channel.path("address").asText()));
        assertThat(addresses)
                .containsExactlyInAnyOrderElementsOf(
                        topics.all().stream().map(TopicSpec::name).toList());
        for (WireSchema schema : WireSchema.values()) {
            assertThat(document.path("components").path("schemas").path(schema.kind()))
                    .isEqualTo(Json.read(ByteBuffer.wrap(schema.json().getBytes(StandardCharsets.UTF_8))));
        }
    }
}
