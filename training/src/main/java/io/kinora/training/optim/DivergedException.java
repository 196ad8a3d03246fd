package io.kinora.training.optim;

/** A loss became infinite or no number; what was saved last is still good. */
public final class DivergedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    DivergedException(String message) {
        super(message);
    }
}
