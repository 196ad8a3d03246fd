package io.kinora.model.modaverse.imagebind;

import io.kinora.model.checkpoint.Weights;
import io.kinora.model.nn.LayerNorm;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Scope;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import java.util.Optional;

/**
 * ImageBind's trunk for sound: the log-mel bands of two seconds in, one embedding out. Its length is the logit scale of the checkpoint, 20
 * in the released one.
 *
 * <p>Letters: N inputs, D width, E channels of an embedding. Thread-safe.
 */
public final class AudioEncoder implements AutoCloseable {
    private static final int PATCH = 16;
    private static final int STRIDE = 10;
    private static final double STEM_EPS = 1e-5;
    private static final double LARGEST_SCALE = 100;

    private final Tensor stem; // (D, 1, 16, 16)
    private final LayerNorm stemNorm;
    private final BindTrunk trunk;
    private final Tensor logLogitScale; // ()

    /** Takes the tensors of the trunk; parameters as for {@link VisionEncoder}. */
    public AudioEncoder(Weights weights, ImageBindConfig config, Optional<Quantization> quantization) {
        int D = config.audio().width();
        Weights preprocessor = weights.at("modality_preprocessors.audio.rgbt_stem");
        this.stem = preprocessor.at("proj").take("weight", D, 1, PATCH, PATCH);
        this.stemNorm = new LayerNorm(preprocessor.at("norm_layer"), D, STEM_EPS);
        this.trunk = new BindTrunk(weights, "audio", config.audio(), config.embedding(), false, quantization);
        this.logLogitScale = weights.at("modality_postprocessors.audio.1").take("log_logit_scale");
    }

    /** Type of its activations, which bands must have. */
    public DType dtype() {
        return stem.dtype();
    }

    /**
     * Normalised bands {@code [N, 1, 128, 204]} to embeddings {@code [N, E]}.
     *
     * @throws ShapeException if the bands have another shape
     */
    public Tensor forward(Tensor mel) {
        if (mel.rank() != 4 || mel.dim(1) != 1 || mel.dim(2) != SoundClips.BANDS || mel.dim(3) != SoundClips.FRAMES) {
            throw new ShapeException("ImageBind takes bands [N, 1, %d, %d], got %s"
                    .formatted(SoundClips.BANDS, SoundClips.FRAMES, mel.shape()));
        }
        Engine engine = mel.engine();
        try (Scope scope = engine.scope()) {
            Tensor patches = engine.conv2d(mel, stem, Optional.empty(), STRIDE, 0) // (N, D, 12, 19)
                    .reshape(mel.dim(0), stem.dim(0), -1)
                    .transpose(1, 2); // (N, 228, D)
            Tensor scale = logLogitScale.exp().clamp(0, LARGEST_SCALE);
            return scope.keep(trunk.forward(stemNorm.forward(patches)).mul(scale));
        }
    }

    @Override
    public void close() {
        trunk.close();
    }
}
