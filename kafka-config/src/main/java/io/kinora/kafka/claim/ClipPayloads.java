package io.kinora.kafka.claim;

import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.ClipPayload;
import java.util.Objects;

/** Decides whether a clip's bytes travel in its record or by claim check, and gets them back either way. Thread-safe. */
public final class ClipPayloads {
    private final ClaimCheckStore store;
    private final int inlineUpTo;

    /** @param inlineUpTo bytes up to which a clip is the record's value itself */
    public ClipPayloads(ClaimCheckStore store, int inlineUpTo) {
        this.store = Objects.requireNonNull(store);
        this.inlineUpTo = inlineUpTo;
    }

    /** The bytes themselves, or a claim on them once they are in the store; may block. */
    public ClipPayload pack(Blob bytes, String mediaType) {
        return bytes.size() <= inlineUpTo
                ? new ClipPayload.Inline(bytes)
                : new ClipPayload.Claimed(store.deposit(bytes, mediaType));
    }

    /**
     * The clip's bytes; may block.
     *
     * @throws ClaimCheckException when they were claimed and are gone, damaged or too many
     */
    public Blob unpack(ClipPayload payload) {
        return payload instanceof ClipPayload.Inline inline
                ? inline.blob()
                : store.redeem(((ClipPayload.Claimed) payload).check());
    }
}
