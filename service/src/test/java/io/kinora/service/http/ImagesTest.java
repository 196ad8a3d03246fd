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
import dev.langchain4j.model.openai.OpenAiImageModel;
import io.kinora.video.DecodeLimits;
import io.kinora.video.StillImage;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
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
        try (FreshKinora running = FreshKinora.ofPictures(folder)) {
            OpenAIClient openai = RunningKinora.openai(running.address());
            ImagesResponse pictures = openai.images()
                    .generate(ImageGenerateParams.builder()
                            .prompt("a lighthouse")
                            .model(running.model())
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
            assertThat(running.books().jobs().all()).isEmpty();
            assertThatAStreamedPictureIsTheWholeOne(openai, running.model());
            assertThatLangChain4jGetsOne(running);
            assertThat(running.books().jobs().all()).isEmpty();
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

    private static void assertThatLangChain4jGetsOne(FreshKinora running) {
        byte[] picture = Base64.getDecoder()
                .decode(OpenAiImageModel.builder()
                        .baseUrl(running.address() + "/v1")
                        .apiKey("none")
                        .modelName(running.model())
                        .size("64x64")
                        .build()
                        .generate("a lighthouse")
                        .content()
                        .base64Data());
        assertThat(StillImage.decode(picture, DecodeLimits.defaults()).width()).isEqualTo(64);
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
