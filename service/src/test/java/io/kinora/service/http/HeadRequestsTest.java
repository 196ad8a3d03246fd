package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.kafka.record.ClipReference;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** HEAD says of everything that can be got what a GET would say, and brings no body. */
@Tag("slow")
@ExtendWith(RunningKinora.Extension.class)
class HeadRequestsTest {
    private final RunningKinora kinora;

    HeadRequestsTest(RunningKinora kinora) {
        this.kinora = kinora;
    }

    @Test
    void headHasTheStatusAndTheHeadersOfGetAndNoBody() throws Exception {
        String clip = "/v1/clips/%s/content".formatted(place(kinora.publish("head", "head-1")));
        for (String path : List.of("/live", "/", "/openapi.json", "/v1/models", "/v1/models/nobodys", clip)) {
            HttpResponse<byte[]> got = kinora.get(path);
            HttpResponse<byte[]> head = head(kinora.request(path));
            assertThat(head.statusCode()).as(path).isEqualTo(got.statusCode());
            assertThat(head.body()).as(path).isEmpty();
            for (String header : List.of("content-type", "content-length", "accept-ranges")) {
                assertThat(head.headers().allValues(header))
                        .as(path)
                        .isEqualTo(got.headers().allValues(header));
            }
        }
        assertThat(head(kinora.request(clip)).headers().firstValueAsLong("content-length"))
                .hasValue(kinora.clipBytes().length);
    }

    @Test
    void headPassesOverRangesWhichAreForGet() throws Exception {
        String clip = "/v1/clips/%s/content".formatted(place(kinora.publish("head", "head-2")));
        HttpResponse<byte[]> part = kinora.send(kinora.request(clip).header("range", "bytes=4-7"));
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).hasSize(4);
        HttpResponse<byte[]> head = head(kinora.request(clip).header("range", "bytes=4-7"));
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.headers().firstValue("accept-ranges")).hasValue("bytes");
        assertThat(head.headers().firstValueAsLong("content-length")).hasValue(kinora.clipBytes().length);
    }

    @Test
    void headOfAStreamThatNeverEndsEndsAndTakesNoPlace() throws Exception {
        HttpSettings settings = kinora.settings(Map.of(
                "kinora.http.tenants",
                List.of(Map.of(
                        "name", "narrow", "key-sha256", RunningKinora.KEY_SHA256, "concurrent", 1, "operator", true))));
        try (HttpFace face = kinora.another(settings)) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(face.address() + "/v1/alerts/events"))
                    .header("authorization", "Bearer " + RunningKinora.KEY);
            HttpResponse<byte[]> first = head(request);
            assertThat(first.statusCode()).isEqualTo(200);
            assertThat(first.headers().firstValue("content-type").orElseThrow()).startsWith("text/event-stream");
            // The place is free once the server has let go of the stream that it does not send.
            Instant giveUp = Instant.now().plusSeconds(60);
            int status = 429;
            while (status == 429 && Instant.now().isBefore(giveUp)) {
                status = head(request).statusCode();
            }
            assertThat(status).isEqualTo(200);
        }
    }

    @Test
    void anAddressThatOnlyTakesPostsHasNoHeadAndSaysWhatItTakes() throws Exception {
        HttpResponse<byte[]> head = head(kinora.request("/v1/chat/completions"));
        assertThat(head.statusCode()).isEqualTo(405);
        assertThat(head.headers().firstValue("allow")).hasValue("POST");
        HttpResponse<byte[]> patched =
                kinora.send(kinora.request("/v1/videos").method("PATCH", HttpRequest.BodyPublishers.noBody()));
        assertThat(patched.headers().firstValue("allow")).hasValue("GET, HEAD, POST");
        kinora.error(patched, 405);
    }

    private HttpResponse<byte[]> head(HttpRequest.Builder request) throws Exception {
        return kinora.http()
                .send(
                        request.method("HEAD", HttpRequest.BodyPublishers.noBody())
                                .build(),
                        BodyHandlers.ofByteArray());
    }

    private static String place(ClipReference clip) {
        return "%s/%d/%d".formatted(clip.topic(), clip.partition(), clip.offset());
    }
}
