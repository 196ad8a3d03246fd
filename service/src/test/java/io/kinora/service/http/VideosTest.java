package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.core.JsonValue;
import com.openai.errors.NotFoundException;
import com.openai.models.videos.Video;
import com.openai.models.videos.VideoCreateParams;
import com.openai.models.videos.VideoModel;
import com.openai.models.videos.VideoSeconds;
import io.kinora.video.DecodeLimits;
import io.kinora.video.FrameSampler;
import io.kinora.video.StillImage;
import io.kinora.video.VideoInfo;
import io.kinora.video.VideoProbe;
import io.kinora.video.VideoSource;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Generation jobs over HTTP. */
@Tag("slow")
@ExtendWith(RunningKinora.Extension.class)
class VideosTest {
    private final RunningKinora kinora;

    VideosTest(RunningKinora kinora) {
        this.kinora = kinora;
    }

    // OpenAI no longer offers videos itself; its clients, and many other engines, still speak this API.
    @SuppressWarnings("deprecation")
    @Test
    void openaiMakesPollsDownloadsListsAndDeletesAVideo() throws Exception {
        Video created = kinora.openai()
                .videos()
                .create(VideoCreateParams.builder()
                        .prompt("a blue star spins")
                        .model(VideoModel.of(kinora.model()))
                        .seconds(VideoSeconds.of("2"))
                        .putAdditionalBodyProperty("num_inference_steps", JsonValue.from("2"))
                        .build());
        assertThat(created.status()).isEqualTo(Video.Status.QUEUED);
        Video video = created;
        for (Instant giveUp = Instant.now().plusSeconds(600);
                !video.status().equals(Video.Status.COMPLETED) && Instant.now().isBefore(giveUp); ) {
            assertThat(video.error()).isEmpty();
            video = kinora.openai().videos().retrieve(created.id());
        }
        assertThat(video.progress()).isEqualTo(100);
        byte[] bytes;
        try (com.openai.core.http.HttpResponse content =
                kinora.openai().videos().downloadContent(created.id())) {
            bytes = content.body().readAllBytes();
        }
        VideoInfo made = VideoProbe.probe(VideoSource.bytes(bytes), DecodeLimits.defaults());
        assertThat(made.codec()).isEqualTo("h264");
        assertThat(made.frameCount()).hasValue(16);
        HttpResponse<byte[]> part = kinora.http()
                .send(
                        kinora.request("/v1/videos/" + created.id() + "/content")
                                .header("range", "bytes=4-7")
                                .build(),
                        BodyHandlers.ofByteArray());
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(new String(part.body(), StandardCharsets.US_ASCII)).isEqualTo("ftyp");
        assertThat(StillImage.decode(
                                kinora.get("/v1/videos/" + created.id() + "/content?variant=thumbnail")
                                        .body(),
                                DecodeLimits.defaults())
                        .width())
                .isPositive();

        assertThat(kinora.openai().videos().list().data()).extracting(Video::id).contains(created.id());
        assertThat(kinora.openai().videos().delete(created.id()).deleted()).isTrue();
        assertThatThrownBy(() -> kinora.openai().videos().retrieve(created.id()))
                .isInstanceOf(NotFoundException.class);
    }

    @Test
    void aVideoThatCannotBeMadeIsRefusedWithWhatIsAllowed() throws Exception {
        assertThat(kinora.error(kinora.post("/v1/videos", "{\"prompt\": \"a star\", \"size\": \"big\"}"), 400)
                        .get("message")
                        .asText())
                .contains("WIDTHxHEIGHT");
        assertThat(kinora.error(kinora.post("/v1/videos", "{\"prompt\": \"a star\", \"num_frames\": 99}"), 400)
                        .get("message")
                        .asText())
                .contains("8 to 24");
        assertThat(kinora.error(
                                kinora.post("/v1/videos", "{\"prompt\": \"a star\", \"num_inference_steps\": 201}"),
                                400)
                        .get("message")
                        .asText())
                .contains("num_inference_steps", "201", "200");
        assertThat(kinora.error(kinora.post("/v1/videos", "{}"), 400)
                        .get("param")
                        .asText())
                .isEqualTo("prompt");
    }

    @Test
    void aVideoIsRemixedAndMadeOfAPictureThatComesAlongAndItsStatesAreFollowed() throws Exception {
        byte[] frame = StillImage.png(StillImage.thumbnail(
                FrameSampler.uniform(8)
                        .sample(VideoSource.bytes(kinora.clipBytes()), DecodeLimits.defaults())
                        .frames()
                        .get(0)
                        .image(),
                64,
                64));
        Path picture = Files.write(kinora.folder().resolve("reference.png"), frame);
        HttpResponse<byte[]> asked = kinora.send(kinora.request("/v1/videos")
                .header("content-type", "multipart/form-data; boundary=b")
                .POST(HttpRequest.BodyPublishers.concat(
                        HttpRequest.BodyPublishers.ofString(part("; name=\"prompt\"", "in winter\r\n")
                                + part("; name=\"num_inference_steps\"", "2\r\n")
                                + part("; name=\"input_reference\"; filename=\"r.png\"", "")),
                        HttpRequest.BodyPublishers.ofFile(picture),
                        HttpRequest.BodyPublishers.ofString("\r\n--b--\r\n"))));
        String made = kinora.json(asked).path("id").asText();
        JsonNode first = lastState(made);
        assertThat(first.path("status").asText()).as("%s", first).isEqualTo("completed");

        String remixed = kinora.json(kinora.post(
                        "/v1/videos/" + made + "/remix", "{\"prompt\": \"in spring\", \"num_inference_steps\": 2}"))
                .path("id")
                .asText();
        JsonNode state = lastState(remixed);
        assertThat(state.path("status").asText()).isEqualTo("completed");
        assertThat(state.path("remixed_from_video_id").asText()).isEqualTo(made);
        assertThat(kinora.error(kinora.post("/v1/videos", "{\"prompt\": \"x\", \"strength\": 0.5}"), 400)
                        .path("param")
                        .asText())
                .isEqualTo("strength");
    }

    private static String part(String parameters, String value) {
        return "--b\r\nContent-Disposition: form-data%s\r\n\r\n%s".formatted(parameters, value);
    }

    /** Follows a job's events, which end with the job. */
    private JsonNode lastState(String id) throws Exception {
        HttpResponse<Stream<String>> events = kinora.http()
                .send(kinora.request("/v1/videos/" + id + "/events").build(), HttpResponse.BodyHandlers.ofLines());
        try (Stream<String> lines = events.body()) {
            String last = lines.filter(line -> line.startsWith("data: "))
                    .reduce((first, second) -> second)
                    .orElseThrow();
            return Json.MAPPER.readTree(last.substring("data: ".length()));
        }
    }
}
