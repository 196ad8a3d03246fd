package io.kinora.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.topic.Topic;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/** What the log says of requests, where it says more than by default ({@code KINORA_LOG=INFO}): which they were, and no word of them. */
@Tag("slow")
@ExtendWith(RunningKinora.Extension.class)
class LogsTest {
    private static final String RARE = "quetzalcoatlus";

    private final RunningKinora kinora;
    private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    private final Logger ours = (Logger) LoggerFactory.getLogger("io.kinora");
    private final Optional<Level> before = Optional.ofNullable(ours.getLevel());
    private final Lines lines = new Lines();

    LogsTest(RunningKinora kinora) {
        this.kinora = kinora;
    }

    /** Keeps whatever is logged, with all that a line may show of it. */
    private static final class Lines extends AppenderBase<ILoggingEvent> {
        private final Queue<String> all = new ConcurrentLinkedQueue<>();

        @Override
        protected void append(ILoggingEvent event) {
            all.add("%s %s %s %s"
                    .formatted(
                            event.getFormattedMessage(),
                            Optional.ofNullable(event.getKeyValuePairs()).orElse(List.of()),
                            event.getMDCPropertyMap(),
                            Optional.ofNullable(event.getThrowableProxy())
                                    .map(Lines::trace)
                                    .orElse("")));
        }

        private static String trace(IThrowableProxy thrown) {
            return ThrowableProxyUtil.asString(thrown);
        }
    }

    @BeforeEach
    void listen() {
        ours.setLevel(Level.INFO);
        lines.start();
        root.addAppender(lines);
    }

    @AfterEach
    void stopListening() {
        root.detachAppender(lines);
        lines.stop();
        ours.setLevel(before.orElse(null));
    }

    @Test
    void requestsAreLoggedByTheirIdsWithoutAWordOfWhatTheySay() throws Exception {
        for (Map.Entry<String, String> sent : List.of(
                Map.entry("/v1/chat/completions", kinora.words("Is it a " + RARE + "?", "\"max_tokens\": 2")),
                Map.entry(
                        "/v1/chat/completions",
                        kinora.words("Is it a " + RARE + "?", "\"max_tokens\": 2, \"stream\": true")),
                Map.entry("/v1/chat/completions", kinora.words("a " + RARE, "\"max_tokens\": \"" + RARE + "\"")),
                Map.entry("/v1/chat/completions", kinora.words("a " + RARE, "\"" + RARE + "\": 1")),
                Map.entry("/v1/chat/completions", "{\"messages\": \"" + RARE),
                Map.entry("/v1/images/generations", "{\"prompt\": \"a " + RARE + "\", \"n\": \"" + RARE + "\"}"),
                Map.entry("/v1/videos", "{\"prompt\": \"a " + RARE + "\", \"size\": \"" + RARE + "\"}"),
                Map.entry("/v1/subscriptions", "{\"question\": {\"text\": \"a " + RARE + "\"}, \"streams\": 7}"),
                Map.entry(
                        "/v1/sessions/rare/questions",
                        "{\"text\": \"a " + RARE + "\", \"frames\": \"" + RARE + "\"}"))) {
            HttpResponse<byte[]> response = kinora.post(sent.getKey(), sent.getValue());
            String id = response.headers().firstValue("x-request-id").orElseThrow();
            assertThat(lines.all).as(sent.toString()).anyMatch(line -> line.contains("request=\"" + id + "\""));
        }

        JsonNode video =
                kinora.json(kinora.post("/v1/videos", "{\"prompt\": \"a " + RARE + "\", \"size\": \"2048x2048\"}"));
        String job = video.path("id").asText();
        kinora.await(
                "/v1/videos",
                one -> one.path("id").asText().equals(job)
                        && one.path("status").asText().equals("failed"));

        send(Topic.QUESTIONS, "a question in JSON {\"text\": \"" + RARE + "\"");
        send(Topic.QUESTIONS, "{\"text\": \"a " + RARE + "\", \"frames\": \"" + RARE + "\"}");
        send(Topic.PROMPTS, "{\"prompt\": \"a " + RARE + "\", \"steps\": \"" + RARE + "\"}");
        send(Topic.SUBSCRIPTIONS, "{\"question\": {\"text\": \"a " + RARE + "\"}, \"streams\": [\"" + RARE + "\"]}");
        for (String topic : List.of("questions", "prompts", "subscriptions")) {
            kinora.await(
                    "/v1/dead-letters",
                    one -> one.path("key").asText().equals("rare-key")
                            && one.path("from").asText().startsWith("kafka://kinora." + topic + "/"));
        }

        assertThat(lines.all).noneMatch(line -> line.contains(RARE));
    }

    private void send(Topic topic, String value) throws Exception {
        KafkaClients clients = kinora.clients();
        try (Producer<byte[], byte[]> producer = clients.producer("test")) {
            producer.send(new ProducerRecord<>(
                            clients.settings().topics().name(topic), "rare-key".getBytes(UTF_8), value.getBytes(UTF_8)))
                    .get();
        }
    }
}
