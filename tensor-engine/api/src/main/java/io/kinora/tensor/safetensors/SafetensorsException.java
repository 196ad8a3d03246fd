package io.kinora.tensor.safetensors;

import io.kinora.tensor.file.TensorFileException;

/** A safetensors file, or a tensor to be written to one, that breaks the format. */
public final class SafetensorsException extends TensorFileException {
    /** With a message that names the file, what was found and what is allowed. */
    public SafetensorsException(String message) {
        super(message);
    }

    /** With the failure beneath it. */
    public SafetensorsException(String message, Throwable cause) {
        super(message, cause);
    }
}
