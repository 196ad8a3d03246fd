package io.kinora.model.emu2;

import io.kinora.tensor.DType;
import io.kinora.tensor.Quantization;
import java.util.Optional;

/**
 * How an Emu2 is loaded.
 *
 * @param computeType type that tensors are converted to; empty keeps the stored one
 * @param visionWeights how the matrices of the visual encoder are stored; empty for as they are
 * @param languageWeights how the matrices of the language model's layers are stored; embedding table and head stay as they are
 * @param keepReduced whether matrices in fewer bits are kept beside the checkpoint for the next load
 * @param cacheBytes budget of the key/value cache of each stage
 * @param imagesAtOnce most pictures that the visual encoder computes in one go; bounds its activations
 */
public record Emu2Options(
        Optional<DType> computeType,
        Optional<Quantization> visionWeights,
        Optional<Quantization> languageWeights,
        boolean keepReduced,
        long cacheBytes,
        int imagesAtOnce) {
    private static final int IMAGES_AT_ONCE = 4;

    /** Checks that pictures are computed at all. */
    public Emu2Options {
        if (imagesAtOnce < 1) {
            throw new IllegalArgumentException("at least one picture is computed at once, got " + imagesAtOnce);
        }
    }

    /** Everything as stored, with a budget for each stage's cache. */
    public static Emu2Options asStored(long cacheBytes) {
        return new Emu2Options(Optional.empty(), Optional.empty(), Optional.empty(), false, cacheBytes, IMAGES_AT_ONCE);
    }

    /** These options with tensors converted. */
    public Emu2Options withComputeType(DType type) {
        return new Emu2Options(
                Optional.of(type), visionWeights, languageWeights, keepReduced, cacheBytes, imagesAtOnce);
    }

    /** These options with the language model's layers in fewer bits. */
    public Emu2Options withLanguageWeights(Quantization scheme) {
        return new Emu2Options(computeType, visionWeights, Optional.of(scheme), keepReduced, cacheBytes, imagesAtOnce);
    }

    /** These options with the visual encoder in fewer bits. */
    public Emu2Options withVisionWeights(Quantization scheme) {
        return new Emu2Options(
                computeType, Optional.of(scheme), languageWeights, keepReduced, cacheBytes, imagesAtOnce);
    }

    /** These options with matrices in fewer bits kept beside the checkpoint: made once, and found by every later load. */
    public Emu2Options withReducedKept() {
        return new Emu2Options(computeType, visionWeights, languageWeights, true, cacheBytes, imagesAtOnce);
    }

    /** These options with another budget for each stage's cache. */
    public Emu2Options withCacheBytes(long bytes) {
        return new Emu2Options(computeType, visionWeights, languageWeights, keepReduced, bytes, imagesAtOnce);
    }
}
