package io.kinora.decoder.nn;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.decoder.text.ClipTextConfig;
import io.kinora.decoder.text.ClipTextModel;
import io.kinora.decoder.unet.UNet2dConditionModel;
import io.kinora.decoder.unet.UNet2dConfig;
import io.kinora.decoder.unet.UNet3dConditionModel;
import io.kinora.decoder.unet.UNet3dConfig;
import io.kinora.decoder.vae.AutoencoderKl;
import io.kinora.decoder.vae.AutoencoderKlConfig;
import io.kinora.model.checkpoint.Weights;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every released network, at its full size, takes exactly the tensors that the official class has. */
class InventoryTest extends WithEngine {
    static Stream<String> networks() {
        return Fixture.names("inventories").stream();
    }

    @ParameterizedTest
    @MethodSource("networks")
    void theNetworkTakesExactlyWhatTheReleasedCheckpointHolds(String name) {
        Fixture fixture = Fixture.of(engine(), "inventories", name);
        RecordedNames names = new RecordedNames();
        build(fixture.config().get("class").asText(), fixture.module(), names.weights(engine()));
        JsonNode expected = fixture.config();
        assertThat(names.tensors()).isEqualTo(expected.get("tensors").asInt());
        assertThat(names.parameters()).isEqualTo(expected.get("parameters").asLong());
        assertThat(names.sha256()).isEqualTo(expected.get("sha256").asText());
    }

    private static Object build(String type, ModuleConfig config, Weights weights) {
        return switch (type) {
            case "UNet3DConditionModel" -> new UNet3dConditionModel(UNet3dConfig.of(config), weights);
            case "UNet2DConditionModel" -> new UNet2dConditionModel(UNet2dConfig.of(config), weights);
            case "AutoencoderKL" -> new AutoencoderKl(AutoencoderKlConfig.of(config), weights);
            case "CLIPTextModel", "CLIPTextModelWithProjection" ->
                new ClipTextModel(ClipTextConfig.of(config), weights);
            default -> throw new IllegalArgumentException("no network of class " + type);
        };
    }
}
