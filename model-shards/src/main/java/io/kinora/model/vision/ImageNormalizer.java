package io.kinora.model.vision;

import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import java.util.function.UnaryOperator;

/**
 * Turns 8-bit RGB pixels, already resized, into the normalised input of a CLIP encoder: (value / 255 − mean) / deviation for each
 * colour, computed in {@link DType#F32} and rounded once.
 *
 * <p>Immutable and thread-safe.
 */
public final class ImageNormalizer {
    /** Mean of red, green and blue in CLIP's training set. */
    private static final float[] CLIP_MEAN = {0.48145467f, 0.4578275f, 0.40821072f};

    /** Standard deviation of red, green and blue in CLIP's training set. */
    private static final float[] CLIP_DEVIATION = {0.26862955f, 0.2613026f, 0.2757771f};

    private static final float WHITE = 255;

    private final DType dtype;

    /** Normalised pixels in the given type. */
    public ImageNormalizer(DType dtype) {
        this.dtype = dtype;
    }

    /**
     * {@link DType#U8} {@code [N, Y, X, 3]} to {@code [N, 3, Y, X]}.
     *
     * @throws ShapeException if the last axis is not the three colours
     */
    public Tensor forward(Tensor rgb) {
        return forward(rgb, pixels -> pixels);
    }

    /**
     * Likewise, with a step between: pixels as shares of white, {@link DType#F32} {@code [N, 3, Y, X]}, are resized, for instance, before
     * they are normalised.
     */
    public Tensor forward(Tensor rgb, UnaryOperator<Tensor> between) {
        if (rgb.rank() != 4 || rgb.dim(3) != 3) {
            throw new ShapeException("pixels are [N, height, width, 3], got " + rgb.shape());
        }
        Engine engine = rgb.engine();
        try (Scope scope = engine.scope()) {
            Tensor share = rgb.to(DType.F32).div(engine.of(new float[] {WHITE}, 1));
            Tensor ready = between.apply(share.permute(0, 3, 1, 2).contiguous()); // (N, 3, Y, X)
            Tensor mean = engine.of(CLIP_MEAN, 3, 1, 1);
            Tensor deviation = engine.of(CLIP_DEVIATION, 3, 1, 1);
            return scope.keep(ready.sub(mean).div(deviation).to(dtype));
        }
    }
}
