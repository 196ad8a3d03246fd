package io.kinora.model.llm;

/** No room in the key/value cache for the rows of a batch; nothing was computed. The caller waits, frees sequences, or refuses. */
public final class KvCacheFullException extends RuntimeException {
    private final long neededBytes;
    private final long freeBytes;

    KvCacheFullException(long neededBytes, long freeBytes, long budgetBytes) {
        super("the key/value cache needs %,d more bytes and has %,d free of %,d"
                .formatted(neededBytes, freeBytes, budgetBytes));
        this.neededBytes = neededBytes;
        this.freeBytes = freeBytes;
    }

    /** Bytes that the batch needed. */
    public long neededBytes() {
        return neededBytes;
    }

    /** Bytes that were free. */
    public long freeBytes() {
        return freeBytes;
    }
}
