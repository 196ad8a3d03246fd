package io.kinora.actors.shard;

/** A job that ends without a clip, with the reason that its asker is told. */
public final class NotRenderedException extends RuntimeException {
    private final DecoderHost.Failure failure;

    /** With the reason. */
    public NotRenderedException(DecoderHost.Failure failure, String message) {
        super(message);
        this.failure = failure;
    }

    /** With the reason and what caused it. */
    public NotRenderedException(DecoderHost.Failure failure, String message, Throwable cause) {
        super(message, cause);
        this.failure = failure;
    }

    /** What kind of reason it is. */
    public DecoderHost.Failure failure() {
        return failure;
    }
}
