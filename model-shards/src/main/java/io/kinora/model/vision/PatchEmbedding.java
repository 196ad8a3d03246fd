package io.kinora.model.vision;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * Cuts an image into patches, maps each to a token, puts the class token before them and adds the position table ({@code patch_embed},
 * {@code cls_token}, {@code pos_embed}).
 *
 * <p>Letters: N images, Y and X pixels, D width, P patches in row-major order.
 */
final class PatchEmbedding {
    private static final int RGB = 3;

    private final Tensor proj; // (D, 3, patch, patch)
    private final Tensor projBias; // (D)
    private final Tensor clsToken; // (1, 1, D)
    private final Tensor posEmbed; // (1, 1 + P, D)
    private final EvaConfig config;

    PatchEmbedding(Weights weights, EvaConfig config) {
        this.config = config;
        int D = config.width();
        Weights projection = weights.at("patch_embed.proj");
        this.proj = projection.take("weight", D, RGB, config.patchSize(), config.patchSize());
        this.projBias = projection.take("bias", D);
        this.clsToken = weights.take("cls_token", 1, 1, D);
        this.posEmbed = weights.take("pos_embed", 1, config.tokens(), D);
    }

    DType dtype() {
        return proj.dtype();
    }

    Tensor forward(Tensor pixels) { // (N, 3, Y, X) -> (N, 1 + P, D)
        Engine engine = pixels.engine();
        long N = pixels.dim(0);
        int D = config.width();
        Tensor patches = engine.conv2d(pixels, proj, Optional.of(projBias), config.patchSize(), 0) // (N, D, Y', X')
                .reshape(N, D, -1)
                .transpose(1, 2); // (N, P, D)
        return engine.cat(List.of(clsToken.expand(N, 1, D), patches), 1).add(posEmbed); // (N, 1 + P, D)
    }
}
