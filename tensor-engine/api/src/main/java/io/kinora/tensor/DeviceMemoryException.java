package io.kinora.tensor;

/** A device without room for a result; the operation may succeed once other tensors are freed, or with a smaller batch. */
public final class DeviceMemoryException extends RuntimeException {
    /** With the engine's own error as cause. */
    public DeviceMemoryException(String message, Throwable cause) {
        super(message, cause);
    }
}
