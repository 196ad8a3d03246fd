package io.kinora.tensor.libtorch;

/** Why operands do not fit, raised inside a call; {@link NativeErrors} adds the operation and the operands for the caller. */
final class Misfit extends RuntimeException {
    Misfit(String reason) {
        super(reason);
    }
}
