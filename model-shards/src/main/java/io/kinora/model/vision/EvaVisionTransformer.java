package io.kinora.model.vision;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.DType;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Scope;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The visual encoder of Emu2, EVA-02-CLIP-E-plus (Sun et al., 2023, arXiv:2303.15389): a vision transformer with post-norm blocks whose
 * raw residual stream is the output; no norm, head or pooling follows.
 *
 * <p>Names of its tensors under {@code visual.}: {@code patch_embed.proj}, {@code cls_token}, {@code pos_embed},
 * {@code blocks.N.{norm1,norm2}}, {@code blocks.N.attn.{qkv,proj}}, {@code blocks.N.mlp.{fc1,fc2}}. Thread-safe.
 */
public final class EvaVisionTransformer implements AutoCloseable {
    private final EvaConfig config;
    private final PatchEmbedding patchEmbed;
    private final List<EvaBlock> blocks;

    /**
     * Takes the encoder's tensors.
     *
     * @param weights the view at {@code visual}
     * @param quantization how the matrices of the blocks are stored; empty for as they are
     */
    public EvaVisionTransformer(Weights weights, EvaConfig config, Optional<Quantization> quantization) {
        this.config = config;
        this.patchEmbed = new PatchEmbedding(weights, config);
        List<EvaBlock> built = new ArrayList<>();
        for (int i = 0; i < config.layers(); i++) {
            built.add(new EvaBlock(weights.at("blocks." + i), config, quantization));
        }
        this.blocks = List.copyOf(built);
    }

    /** The sizes it was built with. */
    public EvaConfig config() {
        return config;
    }

    /** Type of its activations, which pixels must have. */
    public DType dtype() {
        return patchEmbed.dtype();
    }

    /**
     * Encodes normalised pixels {@code [N, 3, size, size]} into tokens {@code [N, 1 + P, width]}, the class token first, then the
     * patches in row-major order.
     *
     * @throws ShapeException if the pixels are not square pictures of the configured size
     */
    public Tensor forward(Tensor pixels) { // (N, 3, Y, X) -> (N, 1 + P, D)
        requirePictures(pixels);
        try (Scope scope = pixels.engine().scope()) {
            Tensor x = patchEmbed.forward(pixels);
            for (EvaBlock block : blocks) {
                Tensor next = block.forward(x);
                x.close();
                x = next;
            }
            return scope.keep(x);
        }
    }

    private void requirePictures(Tensor pixels) {
        int size = config.imageSize();
        if (pixels.rank() != 4 || pixels.dim(1) != 3 || pixels.dim(2) != size || pixels.dim(3) != size) {
            throw new ShapeException(
                    "the visual encoder takes pixels [N, 3, %d, %d], got %s".formatted(size, size, pixels.shape()));
        }
    }

    @Override
    public void close() {
        blocks.forEach(EvaBlock::close);
    }
}
