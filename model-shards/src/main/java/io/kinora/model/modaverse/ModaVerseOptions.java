package io.kinora.model.modaverse;

import io.kinora.model.checkpoint.LoraMode;
import io.kinora.tensor.DType;
import io.kinora.tensor.Quantization;
import java.util.Objects;
import java.util.Optional;

/**
 * How a ModaVerse is loaded.
 *
 * @param computeType type that tensors are converted to; empty keeps the stored one
 * @param languageWeights how the matrices of the language model's layers are stored; embedding table and head stay as they are
 * @param lora where the products of the adapter are computed
 * @param loraAlpha numerator of the adapter's scale, which its file does not tell
 * @param cacheBytes budget of the key/value cache of each stage
 */
public record ModaVerseOptions(
        Optional<DType> computeType,
        Optional<Quantization> languageWeights,
        LoraMode lora,
        double loraAlpha,
        long cacheBytes) {
    /** Of the released adapter; its rank is the same, so that the scale is one. */
    public static final double RELEASED_ALPHA = 32;

    /** Checks that nothing is missing. */
    public ModaVerseOptions {
        Objects.requireNonNull(computeType);
        Objects.requireNonNull(languageWeights);
        Objects.requireNonNull(lora);
    }

    /** Everything as stored, the adapter merged, with a budget for each stage's cache. */
    public static ModaVerseOptions asStored(long cacheBytes) {
        return new ModaVerseOptions(Optional.empty(), Optional.empty(), LoraMode.MERGED, RELEASED_ALPHA, cacheBytes);
    }

    /** These options with tensors converted. */
    public ModaVerseOptions withComputeType(DType type) {
        return new ModaVerseOptions(Optional.of(type), languageWeights, lora, loraAlpha, cacheBytes);
    }

    /** These options with the language model's layers in fewer bits. */
    public ModaVerseOptions withLanguageWeights(Quantization scheme) {
        return new ModaVerseOptions(computeType, Optional.of(scheme), lora, loraAlpha, cacheBytes);
    }

    /** These options with the adapter merged or apart. */
    public ModaVerseOptions withLora(LoraMode mode) {
        return new ModaVerseOptions(computeType, languageWeights, mode, loraAlpha, cacheBytes);
    }

    /** These options with another strength of the adapter. */
    public ModaVerseOptions withLoraAlpha(double alpha) {
        return new ModaVerseOptions(computeType, languageWeights, lora, alpha, cacheBytes);
    }
}
