package io.kinora.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.tensor.Shape;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TensorKindTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "NORM | model.norm.weight | 16",
                "NORM | down_blocks.0.resnets.0.norm1.weight | 320",
                "BIAS | visual.blocks.0.attn.q_bias | 16",
                "BIAS | modality_trunks.vision.blocks.0.attn.in_proj_bias | 16",
                "BIAS | conv_in.bias | 320",
                "EMBEDDING | model.embed_tokens.weight | 32000 16",
                "EMBEDDING | text_model.embeddings.token_embedding.weight | 49408 16",
                "EMBEDDING | text_model.embeddings.position_embedding.weight | 77 16",
                "EMBEDDING | vision_model.embeddings.class_embedding | 16",
                "EMBEDDING | visual.pos_embed | 1 1025 16",
                "EMBEDDING | visual.cls_token | 1 1 16",
                "CONVOLUTION | visual.patch_embed.proj.weight | 16 3 14 14",
                "CONVOLUTION | vision_model.embeddings.patch_embedding.weight | 16 3 14 14",
                "CONVOLUTION | down_blocks.0.temp_convs.0.conv1.2.weight | 320 320 3 1 1",
                "ZERO_START | down_blocks.0.temp_convs.0.conv4.3.weight | 320 320 3 1 1",
                "ZERO_START | layers.0.self_attn.q_proj.lora_B.default.weight | 16 4",
                "ZERO_START | layers.0.self_attn.q_proj.lora_B.weight | 16 4",
                "LINEAR | layers.0.self_attn.q_proj.lora_A.weight | 4 16",
                "LINEAR | time_embedding.linear_1.weight | 1280 320",
                "LINEAR | add_embedding.linear_1.weight | 1280 320",
                "LINEAR | modality_trunks.vision.blocks.0.attn.in_proj_weight | 48 16",
                "LINEAR | lm_head.weight | 32000 16",
                "LOGIT_SCALE | logit_scale | ",
                "LOGIT_SCALE | modality_postprocessors.text.1.log_logit_scale | ",
                "OTHER | modality_trunks.audio.blocks.0.attn.bias_k | 1 1 16"
            })
    void aTensorsNameAndAxesTellWhatItIs(TensorKind kind, String name, String shape) {
        long[] sizes = shape == null
                ? new long[0]
                : Stream.of(shape.split(" ", -1)).mapToLong(Long::parseLong).toArray();
        assertThat(TensorKind.of(name, Shape.of(sizes))).isEqualTo(kind);
    }
}
