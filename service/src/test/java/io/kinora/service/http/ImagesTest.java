package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.models.images.ImageGenPartialImageEvent;
import com.openai.models.images.ImageGenStreamEvent;
import com.openai.models.images.ImageGenerateParams;
import com.openai.models.images.ImagesResponse;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kinora.actors.pipeline.Pipelines;
import io.kinora.service.KafkaCluster;
import io.kinora.service.KinoraNode;
import io.kinora.service.SmallPipelines;
import io.kinora.video.DecodeLimits;
import io.kinora.video.StillImage;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Pictures, of a checkpoint that makes pictures, and of one that does not. */
@Tag("slow")
@ExtendWith(RunningKinora.Extension.class)
class ImagesTest {
    @TempDir
    Path folder;

    @Test
    void openaiAsksForPicturesAndGetsThem() throws Exception {
        Config config = ConfigFactory.parseMap(Map.of(
                        "kinora.checkpoint",
                        SmallPipelines.textToImage(folder.resolve("checkpoint")).toString(),
                        "kinora.data-dir",
                        folder.resolve("data").toString(),
                        "kinora.kafka.embedded.folder",
                        folder.resolve("kafka").toString(),
                        "kinora.kafka.claim-check.folder",
                        folder.resolve("claims").toString(),
                        "kinora.kafka.embedded.port",
                        0,
                        "kinora.http.port",
                        0))
                .withFallback(ConfigFactory.load())
                .resolve();
        try (KafkaCluster cluster = KafkaCluster.open(config);
                KinoraNode node = KinoraNode.start(config);
                Pipelines pipelines = node.connect(cluster.settings());
                ClusterBooks books = ClusterBooks.open(cluster.settings(), pipelines);
                HttpFace face = node.listen(books)) {
            OpenAIClient openai = RunningKinora.openai(face.address());
            ImagesResponse pictures = openai.images()
                    .generate(ImageGenerateParams.builder()
                            .prompt("a lighthouse")
                            .model(node.card().name())
                            .n(2)
                            .size(ImageGenerateParams.Size.of("64x64"))
                            .putAdditionalBodyProperty("num_inference_steps", JsonValue.from(2))
                            .build());
            List<byte[]> files = pictures.data().orElseThrow().stream()
                    .map(picture -> Base64.getDecoder().decode(picture.b64Json().orElseThrow()))
                    .toList();
            assertThat(files).hasSize(2);
            assertThat(files.get(0)).isNotEqualTo(files.get(1));
            assertThat(StillImage.decode(files.get(0), DecodeLimits.defaults()).width())
                    .isEqualTo(64);
            assertThat(books.jobs().all()).isEmpty();
            assertThatAStreamedPictureIsTheWholeOne(openai, node.card().name());
            assertThat(books.jobs().all()).isEmpty();
            openai.close();
        }
    }

    /** The same seed gives the same bytes; what goes before shows what it is going to look like. */
    private static void assertThatAStreamedPictureIsTheWholeOne(OpenAIClient openai, String model) {
        ImageGenerateParams.Builder request = ImageGenerateParams.builder()
                .prompt("a lighthouse")
                .model(model)
                .size(ImageGenerateParams.Size.of("64x64"))
                .putAdditionalBodyProperty("num_inference_steps", JsonValue.from(40))
                .putAdditionalBodyProperty("seed", JsonValue.from(7));
        String whole = openai.images()
                .generate(request.build())
                .data()
                .orElseThrow()
                .get(0)
                .b64Json()
                .orElseThrow();
        List<ImageGenStreamEvent> events;
        try (StreamResponse<ImageGenStreamEvent> stream =
                openai.images().generateStreaming(request.partialImages(2).build())) {
            events = stream.stream().toList();
        }
        ImageGenStreamEvent last = events.get(events.size() - 1);
        assertThat(last.asGenerationCompleted().b64Json()).isEqualTo(whole);
        List<ImageGenPartialImageEvent> partials = events.subList(0, events.size() - 1).stream()
                .map(ImageGenStreamEvent::asGenerationPartialImage)
                .toList();
        assertThat(partials).hasSizeBetween(1, 2);
        for (int i = 0; i < partials.size(); i++) {
            assertThat(partials.get(i).partialImageIndex()).isEqualTo(i);
            assertThat(StillImage.decode(
                                    Base64.getDecoder().decode(partials.get(i).b64Json()), DecodeLimits.defaults())
                            .width())
                    .isPositive();
        }
    }

    @Test
    void aCheckpointThatMakesClipsMakesNoPictures(RunningKinora kinora) {
        assertThatThrownBy(() -> kinora.openai()
                        .images()
                        .generate(ImageGenerateParams.builder()
                                .prompt("a lighthouse")
                                .model(kinora.model())
                                .build()))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("makes clips");
    }
}
