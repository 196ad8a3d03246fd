package io.kinora.decoder.pipeline;

/** A generation that stopped because it was asked to. Nothing of it is left on the device. */
public final class GenerationCancelledException extends RuntimeException {
    private final int done;

    /** After {@code done} of {@code total} evaluations of the network. */
    public GenerationCancelledException(int done, int total) {
        super("cancelled after %d of %d denoising steps".formatted(done, total));
        this.done = done;
    }

    /** Evaluations that were made. */
    public int done() {
        return done;
    }
}
