package io.kinora.model.modaverse.imagebind;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Scope;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * ImageBind's trunk for pictures: two frames in, one embedding of length one out. A still picture is two equal frames.
 *
 * <p>Letters: N inputs, D width, E channels of an embedding. Thread-safe.
 */
public final class VisionEncoder implements AutoCloseable {
    /** Frames of an input. */
    public static final int FRAMES = 2;

    /** Pixels of a side of an input. */
    public static final int SIZE = 224;

    private static final int RGB = 3;
    private static final int PATCH = 14;

    private final Tensor stem; // (D, 3, 2, 14, 14)
    private final BindTrunk trunk;

    /**
     * Takes the tensors of the trunk.
     *
     * @param weights the view that {@code modality_trunks} and its like stand under
     * @param quantization how the matrices of the blocks are stored; empty for as they are
     */
    public VisionEncoder(Weights weights, ImageBindConfig config, Optional<Quantization> quantization) {
        this.stem = weights.at("modality_preprocessors.vision.rgbt_stem.proj.1")
                .take("weight", config.vision().width(), RGB, FRAMES, PATCH, PATCH);
        this.trunk = new BindTrunk(weights, "vision", config.vision(), config.embedding(), true, quantization);
    }

    /** Type of its activations, which pixels must have. */
    public DType dtype() {
        return stem.dtype();
    }

    /**
     * Normalised pixels of still pictures {@code [N, 3, 224, 224]}, or of pairs of frames {@code [N, 3, 2, 224, 224]}, to embeddings
     * {@code [N, E]}.
     *
     * @throws ShapeException if the pixels are neither
     */
    public Tensor forward(Tensor pixels) {
        Engine engine = pixels.engine();
        try (Scope scope = engine.scope()) {
            Tensor pair = pair(pixels); // (N, 3, 2, 224, 224)
            long N = pair.dim(0);
            // The kernel's stride is its size in all three directions, so frames may as well be channels.
            Tensor flat = pair.reshape(N, (long) RGB * FRAMES, SIZE, SIZE);
            Tensor kernel = stem.reshape(stem.dim(0), (long) RGB * FRAMES, PATCH, PATCH);
            Tensor patches = engine.conv2d(flat, kernel, Optional.empty(), PATCH, 0) // (N, D, 16, 16)
                    .reshape(N, stem.dim(0), -1)
                    .transpose(1, 2); // (N, 256, D)
            return scope.keep(trunk.forward(patches));
        }
    }

    private static Tensor pair(Tensor pixels) {
        int rank = pixels.rank();
        boolean still = rank == 4 && pixels.dim(1) == RGB;
        boolean pair = rank == 5 && pixels.dim(1) == RGB && pixels.dim(2) == FRAMES;
        if (!(still || pair) || pixels.dim(rank - 1) != SIZE || pixels.dim(rank - 2) != SIZE) {
            throw new ShapeException(
                    "ImageBind takes pictures [N, 3, %d, %d] or pairs of frames [N, 3, %d, %d, %d], got %s"
                            .formatted(SIZE, SIZE, FRAMES, SIZE, SIZE, pixels.shape()));
        }
        return still ? pixels.engine().stack(List.of(pixels, pixels), 2) : pixels;
    }

    @Override
    public void close() {
        trunk.close();
    }
}
