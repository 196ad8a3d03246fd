package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Many streamed chats at once. {@code -Dkinora.load.chats=200} asks for more of them; {@code -Dkinora.load.overhead-millis=20} for less time between model
 * and client.
 */
@Tag("slow")
@ExtendWith(RunningKinora.Extension.class)
class ManyChatsTest {
    private static final int CHATS = Integer.getInteger("kinora.load.chats", 40);
    private static final int TOKENS = Integer.getInteger("kinora.load.tokens", 8);

    /** Tokens that are the same however many others are computed beside them; later ones may hang on a last bit. */
    private static final int SURE = 8;

    /** The last one is measured: what comes before lets the virtual machine compile the service. */
    private static final int ROUNDS = Integer.getInteger("kinora.load.rounds", 1);

    /** Time within which all begin. */
    private static final Duration RAMP = Duration.ofMillis(Long.getLong("kinora.load.ramp-millis", 0));

    /** On a machine that does other things at the same time, and computes the model's tokens on the same processors. */
    private static final long MOST_OVERHEAD_MILLIS = Long.getLong("kinora.load.overhead-millis", 60_000);

    private final RunningKinora kinora;

    ManyChatsTest(RunningKinora kinora) {
        this.kinora = kinora;
    }

    /** What a client has heard, and how long the service took beside the model. */
    private record Heard(String text, int scored, int tokens, Duration overhead) {}

    @Test
    void noneOfManyStreamsLosesAToken() throws Exception {
        JsonNode whole = kinora.json(
                kinora.post("/v1/chat/completions", kinora.words("What moves?", "\"max_tokens\": " + SURE)));
        String expected = whole.at("/choices/0/message/content").asText();

        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        List<Heard> heard = List.of();
        for (int round = 0; round < ROUNDS; round++) {
            heard = atOnce(client);
            assertThat(heard).allSatisfy(one -> {
                assertThat(one.text()).startsWith(expected);
                assertThat(one.scored()).isEqualTo(TOKENS);
                assertThat(one.tokens()).isEqualTo(TOKENS);
            });
        }
        List<Duration> overheads = heard.stream().map(Heard::overhead).sorted().toList();
        String figures = "%d chats, all but the model, at the client, in ms: median %d, p90 %d, p99 %d, most %d"
                .formatted(
                        CHATS,
                        percentile(overheads, 50),
                        percentile(overheads, 90),
                        percentile(overheads, 99),
                        percentile(overheads, 100));
        System.out.println(figures);
        assertThat(percentile(overheads, 99)).as(figures).isLessThan(MOST_OVERHEAD_MILLIS);
    }

    private static long percentile(List<Duration> sorted, int percent) {
        return sorted.get((sorted.size() * percent + 99) / 100 - 1).toMillis();
    }

    /** Begins all of them within the ramp's time, and waits for all. */
    private List<Heard> atOnce(HttpClient client) {
        long began = System.nanoTime();
        List<CompletableFuture<Heard>> chats = new ArrayList<>();
        for (int i = 0; i < CHATS; i++) {
            LockSupport.parkNanos(began + i * RAMP.toNanos() / CHATS - System.nanoTime());
            chats.add(ask(client));
        }
        return chats.stream().map(CompletableFuture::join).toList();
    }

    private CompletableFuture<Heard> ask(HttpClient client) {
        HttpRequest request = kinora.request("/v1/chat/completions")
                .POST(HttpRequest.BodyPublishers.ofString(kinora.words(
                        "What moves?",
                        "\"stream\": true, \"stream_options\": {\"include_usage\": true}, \"logprobs\": true, \"max_tokens\": "
                                + TOKENS)))
                .build();
        long began = System.nanoTime();
        return client.sendAsync(request, HttpResponse.BodyHandlers.ofLines()).thenApply(response -> {
            assertThat(response.statusCode()).isEqualTo(200);
            return heard(response.body(), began);
        });
    }

    private static Heard heard(Stream<String> lines, long began) {
        StringBuilder text = new StringBuilder();
        int scored = 0;
        int tokens = 0;
        double model = 0;
        boolean done = false;
        for (String line : (Iterable<String>) lines::iterator) {
            if (line.equals("data: [DONE]")) {
                done = true;
            } else if (line.startsWith("data: ")) {
                JsonNode chunk = json(line.substring("data: ".length()));
                text.append(chunk.at("/choices/0/delta/content").asText());
                scored += chunk.at("/choices/0/logprobs/content").size();
                tokens = chunk.at("/usage/completion_tokens").asInt(tokens);
                JsonNode seconds = chunk.at("/kinora/seconds");
                if (seconds.isObject()) {
                    model = seconds.path("queued").asDouble()
                            + seconds.path("prefill").asDouble()
                            + seconds.path("generate").asDouble();
                }
            }
        }
        assertThat(done).isTrue();
        Duration all = Duration.ofNanos(System.nanoTime() - began);
        return new Heard(text.toString(), scored, tokens, all.minusNanos((long) (model * 1e9)));
    }

    private static JsonNode json(String text) {
        return Json.read(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }
}
