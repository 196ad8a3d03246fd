package io.kinora.tensor;

/** Operands whose shapes or types do not fit the operation; the message names the operation and each shape. */
public final class ShapeException extends IllegalArgumentException {
    /** With a message that names the operation and the shapes. */
    public ShapeException(String message) {
        super(message);
    }

    /** With the engine's own error as cause. */
    public ShapeException(String message, Throwable cause) {
        super(message, cause);
    }
}
