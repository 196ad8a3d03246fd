package io.kinora.decoder.vae;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The autoencoder of latent diffusion: pixels in -1..1 to latents of an eighth of the height and width, and back.
 *
 * <p>Source: Rombach et al. 2022, arXiv:2112.10752; official class diffusers {@code AutoencoderKL}, whose tensor names it reads. Latents
 * here are those of the network itself: a pipeline multiplies by {@link AutoencoderKlConfig#scalingFactor} after encoding and divides
 * before decoding. Computes in the weights' type. Thread-safe.
 */
public final class AutoencoderKl {
    private final AutoencoderKlConfig config;
    private final Engine engine;
    private final DType dtype;
    private final Optional<VaeEncoder> encoder;
    private final VaeDecoder decoder;

    private AutoencoderKl(AutoencoderKlConfig config, Weights weights, Optional<VaeEncoder> encoder) {
        this.config = config;
        this.engine = weights.engine();
        this.encoder = encoder;
        this.decoder = new VaeDecoder(config, weights);
        this.dtype = decoder.dtype();
    }

    /** Takes encoder and decoder. */
    public AutoencoderKl(AutoencoderKlConfig config, Weights weights) {
        this(config, weights, Optional.of(new VaeEncoder(config, weights)));
    }

    /** Takes the decoder alone, for checkpoints that are only ever decoded with. */
    public static AutoencoderKl decoderOnly(AutoencoderKlConfig config, Weights weights) {
        weights.ignore("encoder.");
        weights.ignore("quant_conv.");
        return new AutoencoderKl(config, weights, Optional.empty());
    }

    /** Its sizes. */
    public AutoencoderKlConfig config() {
        return config;
    }

    /**
     * Images in -1..1, {@code [N, 3, Y, X]}, to distributions of latents {@code [N, L, Y/8, X/8]}, rounded down.
     *
     * @throws IllegalStateException if only the decoder was taken
     */
    public LatentDistribution encode(Tensor images, Slicing slicing) {
        VaeEncoder network = encoder.orElseThrow(() -> new IllegalStateException("this autoencoder has no encoder"));
        requireImages(images, config.inChannels(), config.factor(), "images to encode");
        try (Scope scope = engine.scope()) {
            Tiling tiling = Tiling.of(config.sampleSize(), config.sampleSize() / config.factor());
            Tensor moments = bySlices(images, slicing, tiling, network::forward); // [N, 2·L, y, x]
            return LatentDistribution.of(scope, moments);
        }
    }

    /** Latents {@code [N, L, y, x]}, already divided by the scaling factor, to images {@code [N, 3, 8·y, 8·x]} in about -1..1. */
    public Tensor decode(Tensor latents, Slicing slicing) {
        requireImages(latents, config.latentChannels(), 1, "latents to decode");
        try (Scope scope = engine.scope()) {
            Tiling tiling = Tiling.of(config.sampleSize() / config.factor(), config.sampleSize());
            Tensor images = bySlices(latents, slicing, tiling, decoder::forward);
            return scope.keep(images.to(latents.dtype()).contiguous());
        }
    }

    private Tensor bySlices(Tensor batch, Slicing slicing, Tiling tiling, UnaryOperator<Tensor> network) {
        UnaryOperator<Tensor> run =
                slicing.tiled() && tiling.cuts(batch) ? images -> tiling.apply(images, network) : network;
        List<Tensor> parts = new ArrayList<>();
        for (long from = 0; from < batch.dim(0); from += slicing.images()) {
            Tensor part = batch.slice(0, from, Math.min(from + slicing.images(), batch.dim(0)));
            try (Scope scope = engine.scope()) {
                parts.add(scope.keep(run.apply(part.to(dtype))));
            }
        }
        return parts.size() == 1 ? parts.get(0) : engine.cat(parts, 0);
    }

    private static void requireImages(Tensor images, int channels, int least, String what) {
        if (images.rank() != 4
                || images.dim(0) == 0
                || images.dim(1) != channels
                || images.dim(2) < least
                || images.dim(3) < least) {
            throw new ShapeException("%s are [N, %d, Y, X] with N from 1 and sides from %d, got %s"
                    .formatted(what, channels, least, images.shape()));
        }
    }
}
