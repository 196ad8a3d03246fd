package io.kinora.model.modaverse;

import io.kinora.model.checkpoint.Weights;
import io.kinora.model.nn.LinearLayer;
import io.kinora.tensor.DType;
import io.kinora.tensor.Tensor;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The adapter on the input side: a linear map from ImageBind's embeddings (E channels) to rows of the language model (D channels).
 *
 * <p>The released checkpoint has one for all media ({@code linear_proj}), the paper three (section 3.2), here {@code linear_proj.image},
 * {@code linear_proj.audio} and {@code linear_proj.video}. Thread-safe.
 */
public final class MediaProjection implements AutoCloseable {
    private final Map<MediaKind, LinearLayer> layers = new EnumMap<>(MediaKind.class); // (D, E) each
    private final DType dtype;

    /**
     * Takes the layer or the layers, whichever there are.
     *
     * @param weights the view at {@code linear_proj}
     */
    public MediaProjection(Weights weights, int embedding, int hidden) {
        if (weights.has("weight")) {
            Tensor matrix = weights.take("weight", hidden, embedding);
            LinearLayer shared = LinearLayer.of(matrix, Optional.of(weights.take("bias", hidden)));
            Stream.of(MediaKind.values()).forEach(kind -> layers.put(kind, shared));
            this.dtype = matrix.dtype();
        } else {
            DType type = DType.F32;
            for (MediaKind kind : MediaKind.values()) {
                Weights own = weights.at(kind.label());
                Tensor matrix = own.take("weight", hidden, embedding);
                layers.put(kind, LinearLayer.of(matrix, Optional.of(own.take("bias", hidden))));
                type = matrix.dtype();
            }
            this.dtype = type;
        }
    }

    /** Embeddings {@code [n, E]} of media of one kind, in any float type, to rows {@code [n, D]}. */
    public Tensor forward(MediaKind kind, Tensor embeddings) {
        return layers.get(kind).forward(embeddings.to(dtype));
    }

    @Override
    public void close() {
        Set.copyOf(layers.values()).forEach(LinearLayer::close);
    }
}
