package io.kinora.model.shard;

/** A model that does not fit the devices; the message gives the bytes needed and the bytes there are. */
public final class PlanRefusedException extends RuntimeException {
    private final long neededBytes;
    private final long availableBytes;

    PlanRefusedException(String message, long neededBytes, long availableBytes) {
        super(message);
        this.neededBytes = neededBytes;
        this.availableBytes = availableBytes;
    }

    /** Bytes that the model needs, at least. */
    public long neededBytes() {
        return neededBytes;
    }

    /** Bytes of all devices. */
    public long availableBytes() {
        return availableBytes;
    }
}
