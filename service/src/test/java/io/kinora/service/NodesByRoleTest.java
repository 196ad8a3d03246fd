package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.video.DecodeLimits;
import io.kinora.video.VideoInfo;
import io.kinora.video.VideoProbe;
import io.kinora.video.VideoSource;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that have one part of the work each: reading and serving, seeing and speaking, rendering. */
@Tag("slow")
class NodesByRoleTest {
    @TempDir
    static Path folder;

    @Test
    void aQuestionIsAnsweredAndAVideoMadeByNodesThatHaveAPartEachAlsoWhenTheOneThatRendersHangsOrDies()
            throws Exception {
        try (ProcessCluster cluster = ProcessCluster.open(folder, 4, "cluster.stable-after = 5 s")) {
            KinoraProcess front = cluster.start("front", 0, "cluster.roles = [ingest, api]");
            ServiceClient client = ServiceClient.of(front);
            HttpResponse<String> waiting = client.get("/ready");
            assertThat(waiting.statusCode()).isEqualTo(503);
            assertThat(waiting.body()).isEqualTo("waiting for nodes with the role encoder, llm, decoder\n");

            KinoraProcess eyes = cluster.start("eyes", 1, "cluster.roles = [encoder, llm]");
            KinoraProcess brush = cluster.start("brush", 2, "cluster.roles = [decoder]");
            eyes.await("stage 0 of 1 is here");
            brush.await("at work for the cluster on .*, as decoder");
            front.awaitAll(
                    "nodes found with the role encoder: 1",
                    "nodes found with the role llm: 1",
                    "nodes found with the role decoder: 1");
            assertThat(client.get("/ready").body()).isEqualTo("ready\n");
            assertThat(answer(client)).isNotBlank();

            String quick = make(client, 2, "64x48");
            assertThat(end(client, quick)).isEqualTo("completed");
            assertThat(video(client, quick).frameCount()).hasValue(8);
            brush.await("job \\S+ begins");

            String slow = make(client, 200, "64x48");
            brush.await("job \\S+ begins");
            brush.signal("STOP");
            KinoraProcess second = cluster.start("second-brush", 3, "cluster.roles = [decoder]");
            front.await("job %s is rendered at .*:%d".formatted(slow, cluster.port(3)));
            second.await("job \\S+ begins");
            assertThat(end(client, slow)).isEqualTo("completed");
            assertThat(video(client, slow).frameCount()).hasValue(8);
            assertThat(client.read("/v1/videos").at("/data"))
                    .as("jobs of either id")
                    .hasSize(2);

            String gone = ":" + cluster.port(2);
            JsonNode facts = client.await(
                            "/v1/node", node -> addresses(node).noneMatch(address -> address.endsWith(gone)))
                    .get("cluster");
            assertThat(facts.at("/nodes"))
                    .isEqualTo(ServiceClient.json("{\"encoder\": 1, \"llm\": 1, \"decoder\": 1}"));
            assertThat(facts.at("/waiting_for")).isEmpty();
            assertThat(facts.at("/members")).hasSize(3);

            brush.signal("CONT");
            brush.await("the cluster has removed this node");
            assertThat(brush.exitStatus()).isEqualTo(1);

            String orphaned = make(client, 200, "64x48");
            second.await("job \\S+ begins");
            second.kill();
            cluster.start("third-brush", 2, "cluster.roles = [decoder]");
            front.await("job %s is rendered at .*:%d".formatted(orphaned, cluster.port(2)));
            assertThat(end(client, orphaned)).isEqualTo("completed");
            assertThat(video(client, orphaned).frameCount()).hasValue(8);
        }
    }

    private static Stream<String> addresses(JsonNode node) {
        return node.at("/cluster/members").findValuesAsText("address").stream();
    }

    private static String answer(ServiceClient client) throws IOException, InterruptedException {
        return client.post("/v1/chat/completions", """
                {"model": "kinora-untrained", "max_tokens": 10, "messages": [{"role": "user", "content": [
                  {"type": "video_url", "video_url": {"url": "%s"}}, {"type": "text", "text": "What moves?"}]}]}
                """.formatted(GreyClip.url(0)))
                .at("/choices/0/message/content")
                .asText();
    }

    private static String make(ServiceClient client, int steps, String size) throws IOException, InterruptedException {
        return client.post("/v1/videos", """
                {"prompt": "a star", "num_inference_steps": %d, "num_frames": 8, "size": "%s"}
                """.formatted(steps, size)).get("id").asText();
    }

    private static VideoInfo video(ServiceClient client, String id) throws IOException, InterruptedException {
        HttpResponse<byte[]> content = client.http()
                .send(client.request("/v1/videos/" + id + "/content").build(), HttpResponse.BodyHandlers.ofByteArray());
        return VideoProbe.probe(VideoSource.bytes(content.body()), DecodeLimits.defaults());
    }

    /** Follows a job to its end. */
    private static String end(ServiceClient client, String id) throws IOException, InterruptedException {
        HttpResponse<Stream<String>> events = client.http()
                .send(client.request("/v1/videos/" + id + "/events").build(), HttpResponse.BodyHandlers.ofLines());
        try (Stream<String> lines = events.body()) {
            String last = lines.filter(line -> line.startsWith("data: "))
                    .reduce((first, second) -> second)
                    .orElseThrow();
            return ServiceClient.json(last.substring("data: ".length()))
                    .get("status")
                    .asText();
        }
    }
}
