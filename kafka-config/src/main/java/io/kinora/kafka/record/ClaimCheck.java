package io.kinora.kafka.record;

import java.net.URI;
import java.util.Objects;

/**
 * Stands for bytes that lie elsewhere because they are too large for a record. Who follows it checks size and hash.
 *
 * @param uri where the bytes are; also the record's {@code ce_dataref}
 * @param sha256 of the bytes, 64 lower-case hexadecimal digits
 * @param size in bytes
 * @param mediaType of the bytes, for example {@code video/mp4}
 */
public record ClaimCheck(URI uri, String sha256, long size, String mediaType) {
    /** The content type of a record whose value is a claim check. */
    public static final String MEDIA_TYPE = "application/vnd.kinora.claim-check+json";

    public ClaimCheck {
        Objects.requireNonNull(uri);
        if (!uri.isAbsolute()) {
            throw new IllegalArgumentException("uri is %s, expected an absolute one".formatted(uri));
        }
        Checks.sha256("sha256", sha256);
        Checks.notNegative("size", size);
        Checks.id("mediaType", mediaType);
    }
}
