package io.kinora.tensor.nd4j;

/** Why operands do not fit, raised inside a call; {@link Calls} adds the operation and the operands for the caller. */
final class Misfit extends RuntimeException {
    Misfit(String reason) {
        super(reason);
    }
}
