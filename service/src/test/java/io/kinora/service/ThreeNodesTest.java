package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kinora.kafka.client.KafkaClients;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three processes as one service: one reads and serves, the language model's two stages lie on the other two.
 *
 * <p>First each is asked to end, as {@code SIGTERM} does, and followed by one of a later version, while questions come over Kafka all the time. Then each
 * node of the language model is killed in turn while answers are streamed over HTTP, {@code -Dkinora.cluster.answers} of them (100 by default), of {@code
 * -Dkinora.cluster.tokens}. Every answer is to be what it was in the undisturbed run, token for token.
 */
@Tag("slow")
class ThreeNodesTest {
    private static final int ANSWERS = Integer.getInteger("kinora.cluster.answers", 100);
    private static final int TOKENS = Integer.getInteger("kinora.cluster.tokens", 24);
    private static final int AT_ONCE = 12;
    private static final int MOST_ROUNDED = 2 + ANSWERS / 50;
    private static final String FRONT = "cluster { version = %s, roles = [ingest, encoder, decoder, api] }";
    private static final String STAGES = "cluster { version = %s, roles = [llm] }";
    private static final String OLD = "1.0.0";
    private static final String NEW = "2.0.0";

    /** Nobody is removed from the cluster but those who leave it, or come back under their address. */
    private static final String COMMON = """
            kafka.bootstrap-servers = "%s"
            language-model { stages = 2, max-sequences = 6 }
            cluster { stable-after = 1 h, akka.cluster.failure-detector.acceptable-heartbeat-pause = 4 s }
            cluster.akka.cluster { gossip-interval = 200 ms, leader-actions-interval = 200 ms }
            """;

    @TempDir
    static Path folder;

    @Test
    void answersAreAsEverWhileEachNodeIsReplacedByALaterVersionAndWhicheverNodeOfTheLanguageModelIsKilled()
            throws Exception {
        Path later = LaterVersion.compiled(folder.resolve("later"));
        try (KafkaCluster kafka = KafkaCluster.open(embedded());
                ProcessCluster cluster = ProcessCluster.open(folder, 6, COMMON.formatted(kafka.address()))) {
            KinoraProcess front = cluster.start("front", 0, FRONT.formatted(OLD));
            KinoraProcess one = cluster.start("one", 1, STAGES.formatted(OLD));
            KinoraProcess two = cluster.start("two", 2, STAGES.formatted(OLD));
            ServiceClient client = listening(front, cluster.laidOn(1, 2));
            List<List<DrawnToken>> undisturbed = answers(client, new CountDownLatch(0));
            assertThat(undisturbed.stream().map(DrawnToken::texts)).doesNotHaveDuplicates();

            KinoraProcess newOne;
            KinoraProcess newTwo;
            KinoraProcess newFront;
            ServiceClient newClient;
            try (SteadyQuestions questions = SteadyQuestions.begin(new KafkaClients(kafka.settings()))) {
                questions.awaitAllKinds();
                assertThat(turnOfTalk(client, "\"stream\": \"cam1\", ")).isEqualTo(1);

                newOne = cluster.start("new-one", 3, 0, STAGES.formatted(NEW), later);
                one.stop();
                awaitMembers(client, OLD, OLD, NEW);
                questions.awaitAllKinds();

                newTwo = cluster.start("new-two", 4, 0, STAGES.formatted(NEW), later);
                two.stop();
                awaitMembers(client, OLD, NEW, NEW);
                questions.awaitAllKinds();

                newFront = cluster.start("new-front", 5, 0, FRONT.formatted(NEW), later);
                newClient = listening(newFront, cluster.laidOn(3, 4));
                assertThat(turnOfTalk(client, "")).isEqualTo(2);
                front.stop();
                awaitMembers(newClient, NEW, NEW, NEW);
                assertThat(turnOfTalk(newClient, "")).isEqualTo(3);
                questions.awaitAllKinds();
                questions.assertAnsweredOnceAndAsEver();
            }

            DrawnToken.assertSame(
                    undisturbed, askedWhileKilling(newOne, newClient, newFront, cluster.laidOn(4, 4)), MOST_ROUNDED);

            cluster.start("one-again", 3, 5, STAGES.formatted(NEW), later);
            newFront.await(cluster.laidOn(3, 4));
            DrawnToken.assertSame(
                    undisturbed, askedWhileKilling(newTwo, newClient, newFront, cluster.laidOn(3, 3)), MOST_ROUNDED);
        }
    }

    private static Config embedded() {
        return ConfigFactory.parseMap(Map.of(
                        "kinora.kafka.embedded.folder",
                        folder.resolve("broker").toString(),
                        "kinora.kafka.embedded.port",
                        0))
                .withFallback(ConfigFactory.load())
                .resolve();
    }

    /** Waits until a node listens and has laid the stages so. */
    private static ServiceClient listening(KinoraProcess node, String laid) throws InterruptedException {
        return new ServiceClient(
                node.awaitAll("listening at (http\\S+)", laid).get(0).group(1));
    }

    /** Waits until a node sees these members, up, and nobody else. */
    private static void awaitMembers(ServiceClient client, String... versions) throws Exception {
        client.await("/v1/node", node -> {
            JsonNode members = node.at("/cluster/members");
            return members.findValuesAsText("version").stream()
                            .sorted()
                            .toList()
                            .equals(List.of(versions))
                    && members.findValuesAsText("status").stream().allMatch("up"::equals);
        });
    }

    /** Asks in a conversation; which turn of it that was. */
    private static int turnOfTalk(ServiceClient client, String about) throws Exception {
        return client.post(
                        "/v1/sessions/talk/questions",
                        "{%s\"text\": \"What moves?\", \"maxNewTokens\": 8}".formatted(about))
                .at("/session/turn")
                .asInt();
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
