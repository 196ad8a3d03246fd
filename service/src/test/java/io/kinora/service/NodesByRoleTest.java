package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.actors.adapter.UntrainedCheckpoint;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.video.DecodeLimits;
import io.kinora.video.EncodeSettings;
import io.kinora.video.Rational;
import io.kinora.video.RgbFrame;
import io.kinora.video.VideoEncoder;
import io.kinora.video.VideoInfo;
import io.kinora.video.VideoProbe;
import io.kinora.video.VideoSource;
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
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that have one part of the work each: reading and serving, seeing and speaking, rendering. */
@Tag("slow")
class NodesByRoleTest {
    private static final ObjectMapper JSON = new ObjectMapper();

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
    void aQuestionIsAnsweredAndAVideoMadeByNodesThatHaveAPartEachAlsoWhenTheOneThatRendersIsKilled() throws Exception {
        Path checkpoint = folder.resolve("checkpoint");
        try (Engine engine = Engines.open("auto", Device.CPU)) {
            UntrainedCheckpoint.makeIfAbsent(checkpoint, engine);
        }
        List<Integer> ports = NodeProcess.freePorts(4);
        NodeProcess front = start("front", checkpoint, ports, 0, "ingest, api");
        String address = front.await("listening at (http\\S+)").group(1);
        HttpResponse<String> waiting = get(address + "/ready");
        assertThat(waiting.statusCode()).isEqualTo(503);
        assertThat(waiting.body()).isEqualTo("waiting for nodes with the role encoder, llm, decoder\n");

        NodeProcess eyes = start("eyes", checkpoint, ports, 1, "encoder, llm");
        NodeProcess brush = start("brush", checkpoint, ports, 2, "decoder");
        eyes.await("stage 0 of 1 is here");
        brush.await("at work for the cluster on .*, as decoder");
        while (!get(address + "/ready").body().equals("ready\n")) {
            assertThat(front.isAlive()).isTrue();
        }
        assertThat(answer(address)).isNotBlank();

        String quick = make(address, 2, "64x48");
        assertThat(end(address, quick)).isEqualTo("completed");
        assertThat(video(address, quick).frameCount()).hasValue(8);
        brush.await("job \\S+ begins");

        String slow = make(address, 200, "64x48");
        brush.await("job \\S+ begins");
        brush.kill();
        start("another brush", checkpoint, ports, 3, "decoder");
        front.await("job %s is rendered at .*:%d".formatted(slow, ports.get(3)));
        assertThat(end(address, slow)).isEqualTo("completed");
        assertThat(video(address, slow).frameCount()).hasValue(8);
        assertThat(json(get(address + "/v1/videos").body()).at("/data"))
                .as("jobs of either id")
                .hasSize(2);

        JsonNode cluster = json(get(address + "/v1/node").body()).get("cluster");
        assertThat(cluster.at("/nodes")).isEqualTo(json("{\"encoder\": 1, \"llm\": 1, \"decoder\": 1}"));
        assertThat(cluster.at("/waiting_for")).isEmpty();
        assertThat(cluster.at("/members").findValuesAsText("address"))
                .anyMatch(member -> member.endsWith(":" + ports.get(3)));
    }

    private NodeProcess start(String name, Path checkpoint, List<Integer> ports, int number, String roles)
            throws IOException {
        NodeProcess node = NodeProcess.start(folder.resolve(name.replace(' ', '-')), """
                kinora {
                  checkpoint = "%s"
                  http.port = 0
                  kafka.embedded.port = 0
                  cluster { enabled = on, port = %d, seeds = ["127.0.0.1:%d"], roles = [%s] }
                }
                """.formatted(
                        checkpoint, ports.get(number), ports.get(0), roles));
        nodes.add(node);
        return node;
    }

    private String answer(String address) throws Exception {
        HttpResponse<String> response = post(address + "/v1/chat/completions", """
                {"model": "kinora-untrained", "max_tokens": 10, "messages": [{"role": "user", "content": [
                  {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,%s"}},
                  {"type": "text", "text": "What moves?"}]}]}
                """.formatted(
                        Base64.getEncoder().encodeToString(clip())));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json(response.body()).at("/choices/0/message/content").asText();
    }

    private String make(String address, int steps, String size) throws Exception {
        HttpResponse<String> created = post(address + "/v1/videos", """
                {"prompt": "a star", "num_inference_steps": %d, "num_frames": 8, "size": "%s"}
                """.formatted(steps, size));
        assertThat(created.statusCode()).as(created.body()).isEqualTo(200);
        return json(created.body()).get("id").asText();
    }

    private VideoInfo video(String address, String id) throws Exception {
        HttpResponse<byte[]> content = http.send(
                HttpRequest.newBuilder(URI.create(address + "/v1/videos/" + id + "/content"))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        return VideoProbe.probe(VideoSource.bytes(content.body()), DecodeLimits.defaults());
    }

    /** Follows a job to its end. */
    private String end(String address, String id) throws Exception {
        HttpResponse<Stream<String>> events = http.send(
                HttpRequest.newBuilder(URI.create(address + "/v1/videos/" + id + "/events"))
                        .build(),
                HttpResponse.BodyHandlers.ofLines());
        try (Stream<String> lines = events.body()) {
            String last = lines.filter(line -> line.startsWith("data: "))
                    .reduce((first, second) -> second)
                    .orElseThrow();
            return json(last.substring("data: ".length())).get("status").asText();
        }
    }

    private HttpResponse<String> get(String url) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String url, String body) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(url))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] clip() {
        List<RgbFrame> frames = IntStream.range(0, 12)
                .mapToObj(i -> {
                    byte[] pixels = new byte[64 * 48 * 3];
                    Arrays.fill(pixels, (byte) (5 * i));
                    return RgbFrame.of(64, 48, pixels);
                })
                .toList();
        return VideoEncoder.encode(frames, EncodeSettings.mp4(Rational.of(12, 1)));
    }
}
