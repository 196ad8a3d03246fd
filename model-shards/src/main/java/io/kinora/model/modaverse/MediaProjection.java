package io.kinora.model.modaverse;

import io.kinora.model.checkpoint.Weights;
import io.kinora.model.nn.LinearLayer;
import io.kinora.tensor.Tensor;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The adapter on the input side: a linear map from ImageBind's embeddings (E channels) to rows of the language model (D channels).
 *
 * <p>The released checkpoint has one for all media ({@code linear_proj}), the paper three (section 3.2), here {@code linear_proj.image},
 * {@code linear_proj.audio} and {@code linear_proj.video}. Thread-safe.
 */
public final class MediaProjection implements AutoCloseable {
    private final Map<MediaKind, LinearLayer> layers = new EnumMap<>(MediaKind.class);

    /**
     * Takes the layer or the layers, whichever there are.
     *
     * @param weights the view at {@code linear_proj}
     */
    public MediaProjection(Weights weights, int embedding, int hidden) {
        boolean shared = weights.has("weight");
        Optional<LinearLayer> all = shared
                ? Optional.of(LinearLayer.withBias(weights, embedding, hidden, Optional.empty()))
                : Optional.empty();
        for (MediaKind kind : MediaKind.values()) {
            layers.put(
                    kind,
                    all.orElseGet(
                            () -> LinearLayer.withBias(weights.at(kind.label()), embedding, hidden, Optional.empty())));
        }
    }

    /** Embeddings {@code [n, E]} of media of one kind to rows {@code [n, D]}. */
    public Tensor forward(MediaKind kind, Tensor embeddings) {
        return layers.get(kind).forward(embeddings);
    }

    @Override
    public void close() {
        Set.copyOf(layers.values()).forEach(LinearLayer::close);
    }
}
