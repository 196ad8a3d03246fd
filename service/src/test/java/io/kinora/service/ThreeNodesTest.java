package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.actors.adapter.UntrainedCheckpoint;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.video.EncodeSettings;
import io.kinora.video.Rational;
import io.kinora.video.RgbFrame;
import io.kinora.video.VideoEncoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three processes as one service: one reads and serves, the language model's two stages lie on the other two; each of these is killed in turn while answers
 * are streamed, {@code -Dkinora.cluster.answers} of them (100 by default), of {@code -Dkinora.cluster.tokens}.
 *
 * <p>Every answer is to be what it was in the undisturbed run, token for token. What is computed again is computed in batches of other sizes, so that scores
 * differ in their last bits, and about one draw in a hundred thousand falls between the two. Such a place is told from a lost or doubled token by the
 * scores: there they are the same, while behind another beginning they would be others.
 */
@Tag("slow")
class ThreeNodesTest {
    private static final int ANSWERS = Integer.getInteger("kinora.cluster.answers", 100);
    private static final int TOKENS = Integer.getInteger("kinora.cluster.tokens", 24);
    private static final int AT_ONCE = 12;
    private static final int MOST_ROUNDED = 2 + ANSWERS / 50;
    private static final double ROUNDING = 1e-3;

    /** A token of a stream, with the best scores it was drawn from. */
    private record Token(String text, List<Double> best) {}

    @TempDir
    static Path folder;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<NodeProcess> nodes = new ArrayList<>();

    @AfterEach
    void stop() {
        nodes.forEach(NodeProcess::close);
    }

    @Test
    void streamingAnswersEndAsTheyWouldHaveWhicheverNodeOfTheLanguageModelIsKilled() throws Exception {
        Path checkpoint = folder.resolve("checkpoint");
        try (Engine engine = Engines.open("auto", Device.CPU)) {
            UntrainedCheckpoint.makeIfAbsent(checkpoint, engine);
        }
        List<Integer> ports = NodeProcess.freePorts(3);
        NodeProcess front = start("front", checkpoint, ports, 0, "ingest, encoder, decoder, api");
        NodeProcess one = start("one", checkpoint, ports, 1, "llm");
        NodeProcess two = start("two", checkpoint, ports, 2, "llm");
        String both = laidOn(ports.get(1), ports.get(2));
        String address = front.awaitAll("listening at (http\\S+)", both).get(0).group(1);

        List<List<Token>> undisturbed = answers(address, new CountDownLatch(0));
        assertThat(undisturbed.stream().map(ThreeNodesTest::texts)).doesNotHaveDuplicates();

        assertSame(undisturbed, askedWhileKilling(one, address, front, laidOn(ports.get(2), ports.get(2))));

        start("one again", checkpoint, ports, 1, "llm");
        front.await(both);
        assertSame(undisturbed, askedWhileKilling(two, address, front, laidOn(ports.get(1), ports.get(1))));
    }

    private List<List<Token>> askedWhileKilling(NodeProcess victim, String address, NodeProcess front, String after)
            throws Exception {
        CountDownLatch some = new CountDownLatch(ANSWERS);
        CompletableFuture<List<List<Token>>> asked = CompletableFuture.supplyAsync(() -> answers(address, some));
        assertThat(some.await(2, TimeUnit.MINUTES)).isTrue();
        victim.kill();
        assertThat(asked).as("answers on their way when the node was killed").isNotDone();
        front.await(after);
        return asked.get(5, TimeUnit.MINUTES);
    }

    private static void assertSame(List<List<Token>> undisturbed, List<List<Token>> disturbed) {
        List<Integer> rounded = IntStream.range(0, ANSWERS)
                .filter(i -> !texts(disturbed.get(i)).equals(texts(undisturbed.get(i))))
                .boxed()
                .toList();
        for (int answer : rounded) {
            List<Token> expected = undisturbed.get(answer);
            List<Token> got = disturbed.get(answer);
            int at = firstOther(texts(expected), texts(got));
            assertThat(List.of(expected.size(), got.size()))
                    .as("lengths of answer %d, of which both versions agree on the first %d tokens", answer, at)
                    .allMatch(length -> length > at);
            assertThat(got.get(at).best())
                    .as("scores of answer %d at its first other token, %d: %s, and %s", answer, at, expected, got)
                    .usingElementComparator((a, b) -> Math.abs(a - b) < ROUNDING ? 0 : Double.compare(a, b))
                    .isEqualTo(expected.get(at).best());
        }
        assertThat(rounded)
                .as("answers in which a draw was rounded to another token")
                .hasSizeLessThanOrEqualTo(MOST_ROUNDED);
    }

    private static int firstOther(List<String> expected, List<String> got) {
        int common = Math.min(expected.size(), got.size());
        return IntStream.range(0, common)
                .filter(i -> !expected.get(i).equals(got.get(i)))
                .findFirst()
                .orElse(common);
    }

    private static List<String> texts(List<Token> answer) {
        return answer.stream().map(Token::text).toList();
    }

    /** What the node that answers says when it has found places for the stages. */
    private static String laidOn(int first, int second) {
        return "2 stages are laid on .*:%d/user/stages.*:%d/user/stages"
                .formatted(Math.min(first, second), Math.max(first, second));
    }

    private NodeProcess start(String name, Path checkpoint, List<Integer> ports, int number, String roles)
            throws IOException {
        NodeProcess node = NodeProcess.start(folder.resolve(name.replace(' ', '-')), """
                kinora {
                  checkpoint = "%s"
                  http.port = 0
                  kafka.embedded.port = 0
                  language-model { stages = 2, max-sequences = 6 }
                  cluster {
                    enabled = on, port = %d, seeds = ["127.0.0.1:%d"], roles = [%s], stable-after = 2 s
                    akka.cluster.failure-detector.acceptable-heartbeat-pause = 4 s
                  }
                }
                """.formatted(
                        checkpoint, ports.get(number), ports.get(0), roles));
        nodes.add(node);
        return node;
    }

    /** Streams the answers to as many questions as there are to be, some at once; each token counts the latch down. */
    private List<List<Token>> answers(String address, CountDownLatch tokens) {
        List<CompletableFuture<List<Token>>> all = new ArrayList<>();
        for (int i = 0; i < ANSWERS; i++) {
            if (i >= AT_ONCE) {
                all.get(i - AT_ONCE).join();
            }
            all.add(answer(address, i, tokens));
        }
        return all.stream().map(CompletableFuture::join).toList();
    }

    private CompletableFuture<List<Token>> answer(String address, int number, CountDownLatch tokens) {
        String body =
                """
                {"model": "kinora-untrained", "stream": true, "temperature": 1, "seed": %d, "max_tokens": %d, "logprobs": true, "top_logprobs": 5,
                 "messages": [{"role": "user", "content": [
                  {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,%s"}},
                  {"type": "text", "text": "What moves %d times?"}]}]}
                """.formatted(number, TOKENS, Base64.getEncoder().encodeToString(clip(10 * (number % 3))), number);
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + "/v1/chat/completions"))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return http.sendAsync(request, HttpResponse.BodyHandlers.ofLines())
                .thenApply(response -> tokens(response, tokens));
    }

    private static List<Token> tokens(HttpResponse<Stream<String>> response, CountDownLatch latch) {
        List<String> lines = new ArrayList<>();
        List<Token> tokens = new ArrayList<>();
        response.body().forEach(line -> {
            lines.add(line);
            if (line.startsWith("data: {")) {
                for (JsonNode scored : json(line.substring("data: ".length())).at("/choices/0/logprobs/content")) {
                    tokens.add(token(scored));
                    latch.countDown();
                }
            }
        });
        assertThat(lines).as("stream with status %d", response.statusCode()).contains("data: [DONE]");
        return tokens;
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Token token(JsonNode scored) {
        List<Double> best = new ArrayList<>();
        scored.path("top_logprobs")
                .forEach(other -> best.add(other.path("logprob").asDouble()));
        return new Token(scored.path("bytes").toString(), best);
    }

    private static byte[] clip(int shade) {
        List<RgbFrame> frames = IntStream.range(0, 12)
                .mapToObj(i -> {
                    byte[] pixels = new byte[64 * 48 * 3];
                    Arrays.fill(pixels, (byte) (shade + 5 * i));
                    return RgbFrame.of(64, 48, pixels);
                })
                .toList();
        return VideoEncoder.encode(frames, EncodeSettings.mp4(Rational.of(12, 1)));
    }
}
