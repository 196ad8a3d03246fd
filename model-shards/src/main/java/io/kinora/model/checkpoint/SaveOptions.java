package io.kinora.model.checkpoint;

import io.kinora.tensor.DType;
import java.util.Objects;
import java.util.Optional;

/**
 * How a checkpoint is written.
 *
 * @param stem the files' name: {@code model}, or {@code diffusion_pytorch_model} for the parts of diffusers' pipelines
 * @param variant noted in the files' names, as {@code fp16}; empty for none
 * @param type what floating-point tensors are converted to; empty keeps each as it is
 * @param maxFileBytes more than this is cut into several files with an index
 */
public record SaveOptions(String stem, Optional<String> variant, Optional<DType> type, long maxFileBytes) {
    /** What transformers and diffusers cut at. */
    public static final long USUAL_FILE_BYTES = 5_000_000_000L;

    /** {@code model.safetensors}, types kept. */
    public static final SaveOptions DEFAULT =
            new SaveOptions("model", Optional.empty(), Optional.empty(), USUAL_FILE_BYTES);

    /** Checks that the names can be read back. */
    public SaveOptions {
        Objects.requireNonNull(type);
        if (!stem.matches("\\w+")) {
            throw new IllegalArgumentException("files cannot be called '%s'".formatted(stem));
        }
        if (!variant.orElse("x").matches("\\w+")) {
            throw new IllegalArgumentException("a variant cannot be called '%s'".formatted(variant.get()));
        }
        if (maxFileBytes <= 0) {
            throw new IllegalArgumentException("files need room, got " + maxFileBytes + " bytes");
        }
    }

    /** These options with another name for the files. */
    public SaveOptions withStem(String name) {
        return new SaveOptions(name, variant, type, maxFileBytes);
    }

    /** These options with floating-point tensors converted. */
    public SaveOptions withType(DType other) {
        return new SaveOptions(stem, variant, Optional.of(other), maxFileBytes);
    }

    /** These options with a variant in the files' names. */
    public SaveOptions withVariant(String name) {
        return new SaveOptions(stem, Optional.of(name), type, maxFileBytes);
    }

    /** These options with another size at which files are cut. */
    public SaveOptions withMaxFileBytes(long bytes) {
        return new SaveOptions(stem, variant, type, bytes);
    }
}
