package io.kinora.model.vision;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.model.checkpoint.CheckpointException;

/**
 * Sizes of an EVA-CLIP encoder, as the {@code vision_config} of a released Emu2 gives them.
 *
 * @param imageSize pixels of a side of the square input
 * @param patchSize pixels of a side of a patch
 * @param width channels of a token
 * @param layers number of blocks
 * @param heads number of attention heads
 * @param hidden channels inside the feed-forward part
 * @param eps added to the variance in the norms
 */
public record EvaConfig(int imageSize, int patchSize, int width, int layers, int heads, int hidden, double eps) {
    /** Checks that patches tile the image and heads tile the width. */
    public EvaConfig {
        if (imageSize < 1 || patchSize < 1 || width < 1 || layers < 1 || heads < 1 || hidden < 1 || !(eps > 0)) {
            throw new CheckpointException("vision_config has a size that is not positive: image_size %d, patch_size %d,"
                            .formatted(imageSize, patchSize)
                    + " width %d, layers %d, heads %d, hidden %d, layer_norm_eps %s"
                            .formatted(width, layers, heads, hidden, eps));
        }
        if (imageSize % patchSize != 0) {
            throw new CheckpointException(
                    "vision_config: patches of %d pixels do not tile an image of %d".formatted(patchSize, imageSize));
        }
        if (width % heads != 0) {
            throw new CheckpointException(
                    "vision_config: %d heads do not divide a width of %d".formatted(heads, width));
        }
    }

    /** The released encoder: 64 blocks of width 1792 on 448×448 pixels; 4.35 billion parameters. */
    public static EvaConfig released() {
        return new EvaConfig(448, 14, 1792, 64, 16, 15360, 1e-6);
    }

    /**
     * Reads the {@code vision_config} object of an Emu2 {@code config.json}.
     *
     * @throws CheckpointException if a size is missing or does not fit, or if the file asks for a variant of EVA that Emu2 does not use
     */
    public static EvaConfig from(JsonNode visionConfig) {
        if (!visionConfig.path("postnorm").asBoolean(true)) {
            throw new CheckpointException(
                    "vision_config: postnorm is false; only the post-norm encoder of Emu2 is known");
        }
        if (!visionConfig.path("qkv_bias").asBoolean(true)) {
            throw new CheckpointException("vision_config: qkv_bias is false; the encoder of Emu2 has these biases");
        }
        int width = positive(visionConfig, "width");
        int hidden = visionConfig.hasNonNull("mlp_ratio")
                ? (int) (width * visionConfig.path("mlp_ratio").asDouble())
                : positive(visionConfig, "intermediate_size");
        return new EvaConfig(
                positive(visionConfig, "image_size"),
                positive(visionConfig, "patch_size"),
                width,
                positive(visionConfig, "layers"),
                width / positive(visionConfig, "head_width"),
                hidden,
                visionConfig.path("layer_norm_eps").asDouble(1e-6));
    }

    private static int positive(JsonNode config, String name) {
        JsonNode value = config.path(name);
        if (!value.canConvertToInt() || value.asInt() < 1) {
            throw new CheckpointException("vision_config: %s must be a positive whole number, got %s"
                    .formatted(name, value.isMissingNode() ? "nothing" : value));
        }
        return value.asInt();
    }

    /** Patches along a side of the image. */
    public int grid() {
        return imageSize / patchSize;
    }

    /** Tokens of an image: the class token and one for each patch. */
    public int tokens() {
        return 1 + grid() * grid();
    }

    /** Channels of a head. */
    public int headWidth() {
        return width / heads;
    }
}
