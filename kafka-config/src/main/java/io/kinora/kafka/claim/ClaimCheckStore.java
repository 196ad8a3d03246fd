package io.kinora.kafka.claim;

import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.ClaimCheck;
import java.nio.file.Path;
import java.time.Instant;

/**
 * Keeps bytes outside Kafka. Deposits are addressed by their content, so depositing the same bytes again is harmless.
 * Implementations are thread-safe and may block; an {@link java.io.UncheckedIOException} means the store fails for now.
 */
public interface ClaimCheckStore {

    /**
     * Keeps the bytes; they are durable when this returns.
     *
     * @throws ClaimCheckException when there are more than the store takes
     */
    ClaimCheck deposit(Blob bytes, String mediaType);

    /**
     * The bytes of a claim, their size and hash verified.
     *
     * @throws ClaimCheckException when they are gone, damaged, too many, or another store's
     */
    Blob redeem(ClaimCheck claim);

    /**
     * Removes what was last deposited before a moment: to be called with a moment before the retention of every topic
     * that carries claims.
     *
     * @return how many deposits went
     */
    int removeOlderThan(Instant moment);

    /** A store of files below a folder, which is created when it is missing. */
    static ClaimCheckStore inFolder(Path folder, long maxSize) {
        return new FileClaimCheckStore(folder, maxSize);
    }
}
