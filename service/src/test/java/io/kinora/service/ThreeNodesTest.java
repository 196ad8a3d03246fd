package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three processes as one service: one reads and serves, the language model's two stages lie on the other two; each of these is killed in turn while answers
 * are streamed, {@code -Dkinora.cluster.answers} of them (100 by default), of {@code -Dkinora.cluster.tokens}. Every answer is to be what it was in the
 * undisturbed run, token for token.
 */
@Tag("slow")
class ThreeNodesTest {
    private static final int ANSWERS = Integer.getInteger("kinora.cluster.answers", 100);
    private static final int TOKENS = Integer.getInteger("kinora.cluster.tokens", 24);
    private static final int AT_ONCE = 12;
    private static final int MOST_ROUNDED = 2 + ANSWERS / 50;
    private static final String COMMON = """
            language-model { stages = 2, max-sequences = 6 }
            cluster { stable-after = 2 s, akka.cluster.failure-detector.acceptable-heartbeat-pause = 4 s }
            """;

    @TempDir
    static Path folder;

    @Test
    void streamingAnswersEndAsTheyWouldHaveWhicheverNodeOfTheLanguageModelIsKilled() throws Exception {
        try (ProcessCluster cluster = ProcessCluster.open(folder, 3, COMMON)) {
            KinoraProcess front = cluster.start("front", 0, "cluster.roles = [ingest, encoder, decoder, api]");
            KinoraProcess one = cluster.start("one", 1, "cluster.roles = [llm]");
            KinoraProcess two = cluster.start("two", 2, "cluster.roles = [llm]");
            String both = cluster.laidOn(1, 2);
            ServiceClient client = new ServiceClient(
                    front.awaitAll("listening at (http\\S+)", both).get(0).group(1));

            List<List<DrawnToken>> undisturbed = answers(client, new CountDownLatch(0));
            assertThat(undisturbed.stream().map(DrawnToken::texts)).doesNotHaveDuplicates();

            DrawnToken.assertSame(
                    undisturbed, askedWhileKilling(one, client, front, cluster.laidOn(2, 2)), MOST_ROUNDED);

            cluster.start("one-again", 1, "cluster.roles = [llm]");
            front.await(both);
            DrawnToken.assertSame(
                    undisturbed, askedWhileKilling(two, client, front, cluster.laidOn(1, 1)), MOST_ROUNDED);
        }
    }

    private static List<List<DrawnToken>> askedWhileKilling(
            KinoraProcess victim, ServiceClient client, KinoraProcess front, String after) throws Exception {
        CountDownLatch some = new CountDownLatch(ANSWERS);
        CompletableFuture<List<List<DrawnToken>>> asked = CompletableFuture.supplyAsync(() -> answers(client, some));
        assertThat(some.await(2, TimeUnit.MINUTES)).isTrue();
        victim.kill();
        assertThat(asked).as("answers on their way when the node was killed").isNotDone();
        front.await(after);
        return asked.get(5, TimeUnit.MINUTES);
    }

    /** Streams the answers to as many questions as there are to be, some at once; each token counts the latch down. */
    private static List<List<DrawnToken>> answers(ServiceClient client, CountDownLatch tokens) {
        List<String> clips = IntStream.range(0, 3)
                .mapToObj(number -> GreyClip.url(10 * number))
                .toList();
        List<CompletableFuture<List<DrawnToken>>> all = new ArrayList<>();
        for (int i = 0; i < ANSWERS; i++) {
            if (i >= AT_ONCE) {
                all.get(i - AT_ONCE).join();
            }
            all.add(answer(client, i, clips.get(i % clips.size()), tokens));
        }
        return all.stream().map(CompletableFuture::join).toList();
    }

    private static CompletableFuture<List<DrawnToken>> answer(
            ServiceClient client, int number, String clip, CountDownLatch tokens) {
        String body = """
                {"model": "kinora-untrained", "stream": true, "temperature": 1, "seed": %d, "max_tokens": %d, "logprobs": true, "top_logprobs": 5,
                 "messages": [{"role": "user", "content": [
                  {"type": "video_url", "video_url": {"url": "%s"}}, {"type": "text", "text": "What moves %d times?"}]}]}
                """.formatted(number, TOKENS, clip, number);
        HttpRequest request = client.request("/v1/chat/completions")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return client.http()
                .sendAsync(request, HttpResponse.BodyHandlers.ofLines())
                .thenApply(response -> tokens(response, tokens));
    }

    private static List<DrawnToken> tokens(HttpResponse<Stream<String>> response, CountDownLatch latch) {
        List<String> lines = new ArrayList<>();
        List<DrawnToken> tokens = new ArrayList<>();
        response.body().forEach(line -> {
            lines.add(line);
            if (line.startsWith("data: {")) {
                JsonNode piece = ServiceClient.json(line.substring("data: ".length()));
                for (JsonNode scored : piece.at("/choices/0/logprobs/content")) {
                    tokens.add(token(scored));
                    latch.countDown();
                }
            }
        });
        assertThat(lines).as("stream with status %d", response.statusCode()).contains("data: [DONE]");
        return tokens;
    }

    private static DrawnToken token(JsonNode scored) {
        List<Double> best = new ArrayList<>();
        scored.path("top_logprobs")
                .forEach(other -> best.add(other.path("logprob").asDouble()));
        return new DrawnToken(scored.path("bytes").toString(), best);
    }
}
