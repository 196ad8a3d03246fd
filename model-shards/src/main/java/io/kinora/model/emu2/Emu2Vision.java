package io.kinora.model.emu2;

import io.kinora.model.checkpoint.Weights;
import io.kinora.model.vision.EvaVisionTransformer;
import io.kinora.model.vision.ImageNormalizer;
import io.kinora.model.vision.VisualPooling;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The seeing half of Emu2: pixels to a few embeddings a picture, in the encoder's width. Nothing normalises them.
 *
 * <p>Letters: N pictures, n embeddings of a picture, W width of the encoder. Thread-safe.
 */
public final class Emu2Vision implements AutoCloseable {
    private final EvaVisionTransformer visual;
    private final ImageNormalizer normalizer;
    private final VisualPooling imagePooling;
    private final VisualPooling framePooling;
    private final int imagesAtOnce;

    /**
     * Takes the encoder's tensors.
     *
     * @param weights the view that {@code visual} stands under
     */
    public Emu2Vision(Weights weights, Emu2Config config, Emu2Options options) {
        int grid = config.vision().grid();
        this.imagePooling = new VisualPooling(grid, config.imageEmbeddings());
        this.framePooling = new VisualPooling(grid, config.frameEmbeddings());
        this.visual = new EvaVisionTransformer(weights.at("visual"), config.vision(), options.visionWeights());
        this.normalizer = new ImageNormalizer(visual.dtype());
        this.imagesAtOnce = options.imagesAtOnce();
    }

    /** The encoder without pooling. */
    public EvaVisionTransformer encoder() {
        return visual;
    }

    /** 8-bit RGB {@code [N, size, size, 3]}, resized to the encoder's input, to normalised pixels {@code [N, 3, size, size]}. */
    public Tensor normalize(Tensor rgb) {
        return normalizer.forward(rgb);
    }

    /** Normalised pixels of still images {@code [N, 3, size, size]} to {@code [N, n_query, W]}. */
    public Tensor encodeImages(Tensor pixels) {
        return encode(pixels, imagePooling);
    }

    /** Normalised pixels of video frames {@code [N, 3, size, size]} to {@code [N, v_query, W]}. */
    public Tensor encodeFrames(Tensor pixels) {
        return encode(pixels, framePooling);
    }

    private Tensor encode(Tensor pixels, VisualPooling pooling) {
        Engine engine = pixels.engine();
        try (Scope scope = engine.scope()) {
            List<Tensor> parts = new ArrayList<>();
            for (long from = 0; from < pixels.dim(0); from += imagesAtOnce) {
                Tensor some = pixels.slice(0, from, Math.min(pixels.dim(0), from + imagesAtOnce));
                try (Tensor tokens = visual.forward(some)) {
                    parts.add(pooling.forward(tokens));
                }
            }
            return scope.keep(parts.size() == 1 ? parts.get(0) : engine.cat(parts, 0));
        }
    }

    @Override
    public void close() {
        visual.close();
    }
}
