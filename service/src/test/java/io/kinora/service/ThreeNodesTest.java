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
 * Three processes as one service: one reads and serves, the language model's two stages lie on the other two. {@code -Dkinora.cluster.answers=100} asks for so
 * many answers at each kill.
 */
@Tag("slow")
class ThreeNodesTest {
    private static final int ANSWERS = Integer.getInteger("kinora.cluster.answers", 12);
    private static final int AT_ONCE = 12;
    private static final int TOKENS = 100;

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

        List<String> undisturbed = answers(address, new CountDownLatch(0));
        assertThat(undisturbed).doesNotHaveDuplicates();

        CompletableFuture<List<String>> asked = killWhileAsking(one, address);
        front.await(laidOn(ports.get(2), ports.get(2)));
        assertThat(asked).as("answers on their way when the node was killed").isNotDone();
        assertThat(asked.get(5, TimeUnit.MINUTES)).isEqualTo(undisturbed);

        start("one again", checkpoint, ports, 1, "llm");
        front.await(both);
        asked = killWhileAsking(two, address);
        front.await(laidOn(ports.get(1), ports.get(1)));
        assertThat(asked).as("answers on their way when the node was killed").isNotDone();
        assertThat(asked.get(5, TimeUnit.MINUTES)).isEqualTo(undisturbed);
    }

    private CompletableFuture<List<String>> killWhileAsking(NodeProcess victim, String address) throws Exception {
        CountDownLatch some = new CountDownLatch(ANSWERS);
        CompletableFuture<List<String>> asked = CompletableFuture.supplyAsync(() -> answers(address, some));
        assertThat(some.await(2, TimeUnit.MINUTES)).isTrue();
        victim.kill();
        return asked;
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

    /** Streams the answers to as many questions as there are to be, some at once; each piece counts the latch down. */
    private List<String> answers(String address, CountDownLatch pieces) {
        List<CompletableFuture<String>> all = new ArrayList<>();
        for (int i = 0; i < ANSWERS; i++) {
            if (i >= AT_ONCE) {
                all.get(i - AT_ONCE).join();
            }
            all.add(answer(address, i, pieces));
        }
        return all.stream().map(CompletableFuture::join).toList();
    }

    private CompletableFuture<String> answer(String address, int number, CountDownLatch pieces) {
        String body =
                """
                {"model": "kinora-untrained", "stream": true, "temperature": 1, "seed": %d, "max_tokens": %d, "messages": [{"role": "user", "content": [
                  {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,%s"}},
                  {"type": "text", "text": "What moves %d times?"}]}]}
                """.formatted(number, TOKENS, Base64.getEncoder().encodeToString(clip(10 * (number % 3))), number);
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + "/v1/chat/completions"))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return http.sendAsync(request, HttpResponse.BodyHandlers.ofLines())
                .thenApply(response -> text(response, pieces));
    }

    private static String text(HttpResponse<Stream<String>> response, CountDownLatch pieces) {
        List<String> lines = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        response.body().forEach(line -> {
            lines.add(line);
            if (line.startsWith("data: {")) {
                text.append(content(line.substring("data: ".length())));
                pieces.countDown();
            }
        });
        assertThat(lines).as("stream with status %d", response.statusCode()).contains("data: [DONE]");
        return text.toString();
    }

    private static String content(String json) {
        try {
            JsonNode chunk = new ObjectMapper().readTree(json);
            return chunk.at("/choices/0/delta/content").asText();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
