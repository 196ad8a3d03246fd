package io.kinora.decoder.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kinora.decoder.nn.ModuleConfig;
import io.kinora.model.checkpoint.CheckpointException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Released configurations are read as the official classes read them, and what is not computed is refused by name. */
class UNetConfigTest {
    @Test
    void anEmptyVideoConfigurationIsModelScopes() {
        UNet3dConfig config = UNet3dConfig.of(ModuleConfig.parse("unet/config.json", "{}"));
        assertThat(config.widths()).containsExactly(320, 640, 1280, 1280);
        assertThat(config.downAttention()).containsExactly(true, true, true, false);
        assertThat(config.upAttention()).containsExactly(false, true, true, true);
        assertThat(config.contextWidth()).isEqualTo(1024);
        assertThat(config.headWidth()).isEqualTo(64);
    }

    @Test
    void nullMeansAbsent() {
        ModuleConfig json = ModuleConfig.parse(
                "unet/config.json", "{\"num_attention_heads\": null, \"addition_embed_type\": null}");
        assertThat(UNet3dConfig.of(json).headWidth()).isEqualTo(64);
        assertThat(UNet2dConfig.of(json).sizeEmbedding()).isEmpty();
    }

    @Test
    void anImageNetworksHeadDimIsItsNumberOfHeads() {
        ModuleConfig json = ModuleConfig.parse("unet/config.json", "{\"attention_head_dim\": [5, 10, 20, 20]}");
        assertThat(UNet2dConfig.of(json).heads()).containsExactly(5, 10, 20, 20);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"num_attention_heads\": 8} | num_attention_heads",
                "{\"act_fn\": \"gelu\"} | act_fn",
                "{\"block_out_channels\": [8, 16]} | 2 widths, 4 down blocks",
                "{\"block_out_channels\": \"wide\"} | block_out_channels",
                "{\"layers_per_block\": 1.5} | layers_per_block",
                "{\"down_block_types\": [\"A\", \"B\", \"C\", \"D\"]} | 'A' is unknown",
            })
    void aVideoConfigurationThatIsNotComputedIsRefused(String json, String said) {
        assertThatThrownBy(() -> UNet3dConfig.of(ModuleConfig.parse("unet/config.json", json)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("unet/config.json")
                .hasMessageContaining(said);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"encoder_hid_dim\": 512} | encoder_hid_dim",
                "{\"resnet_time_scale_shift\": \"scale_shift\"} | resnet_time_scale_shift",
                "{\"attention_head_dim\": [5, 10]} | attention_head_dim",
                "{\"addition_embed_type\": \"text_time\"} | addition_time_embed_dim",
                "{\"class_embed_type\": \"simple_projection\"} | class_embeddings_concat",
                "{\"only_cross_attention\": true} | only_cross_attention",
            })
    void anImageConfigurationThatIsNotComputedIsRefused(String json, String said) {
        assertThatThrownBy(() -> UNet2dConfig.of(ModuleConfig.parse("unet/config.json", json)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("unet/config.json")
                .hasMessageContaining(said);
    }

    @Test
    void textThatIsNoJsonIsRefusedWithItsFile() {
        assertThatThrownBy(() -> ModuleConfig.parse("unet/config.json", "version https://git-lfs"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("unet/config.json is not JSON");
    }
}
