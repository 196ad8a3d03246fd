package io.kinora.tensor.file;

/** A file of tensors that breaks its format or asks for what is not allowed; trying again will not help. */
public class TensorFileException extends RuntimeException {
    /** With a message that names the file, what was found and what is allowed. */
    public TensorFileException(String message) {
        super(message);
    }

    /** With the failure beneath it. */
    public TensorFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
