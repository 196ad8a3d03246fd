package io.kinora.model.llm;

/**
 * A batch goes on from a position that the cache does not hold, as after a restart of the stage: the caller prefills the sequence
 * again from {@link #cached}.
 */
public final class PrefixMissingException extends RuntimeException {
    private final long sequence;
    private final int cached;

    PrefixMissingException(long sequence, int cached, int start) {
        super("sequence %d goes on at position %d, but the cache holds %d positions of it"
                .formatted(sequence, start, cached));
        this.sequence = sequence;
        this.cached = cached;
    }

    /** The sequence. */
    public long sequence() {
        return sequence;
    }

    /** Positions of it that the cache holds; 0 for an unknown sequence. */
    public int cached() {
        return cached;
    }
}
