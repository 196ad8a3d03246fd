package io.kinora.decoder.pipeline;

/** A generation that was refused before it started, because the device has no room for it. */
public final class InsufficientMemoryException extends RuntimeException {
    private final long required;
    private final long free;

    /**
     * With the figures.
     *
     * @param what the job, in words
     * @param required bytes it needs at least, in the smallest slices
     * @param free bytes the device has
     */
    public InsufficientMemoryException(String what, long required, long free) {
        super(
                "%s needs %,d bytes in the smallest slices, and %,d are free on the device: ask for fewer frames or a smaller size"
                        .formatted(what, required, free));
        this.required = required;
        this.free = free;
    }

    /** Bytes the job needs at least. */
    public long required() {
        return required;
    }

    /** Bytes that were free. */
    public long free() {
        return free;
    }
}
