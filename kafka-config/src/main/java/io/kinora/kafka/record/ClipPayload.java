package io.kinora.kafka.record;

import java.util.Objects;

/** The bytes of a clip as its record carries them: themselves, or a claim check. */
public sealed interface ClipPayload {

    /** In bytes, wherever they are. */
    long size();

    /** The bytes are the record's value. */
    record Inline(Blob blob) implements ClipPayload {
        public Inline {
            Objects.requireNonNull(blob);
        }

        @Override
        public long size() {
            return blob.size();
        }
    }

    /** The bytes are in the claim-check store. */
    record Claimed(ClaimCheck check) implements ClipPayload {
        public Claimed {
            Objects.requireNonNull(check);
        }

        @Override
        public long size() {
            return check.size();
        }
    }
}
