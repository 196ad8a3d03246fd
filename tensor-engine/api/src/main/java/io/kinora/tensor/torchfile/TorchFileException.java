package io.kinora.tensor.torchfile;

import io.kinora.tensor.file.TensorFileException;

/** A torch file that is damaged, of another kind, or holds more than tensors, dictionaries and plain values. */
public final class TorchFileException extends TensorFileException {
    /** With a message that names the file, what was found and what is allowed. */
    public TorchFileException(String message) {
        super(message);
    }

    /** With the failure beneath it. */
    public TorchFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
