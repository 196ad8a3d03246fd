package io.kinora.kafka.record;

import java.util.Objects;

/** Which clip a question is about. */
public sealed interface ClipTarget {

    /** The clip at this place of a topic. */
    record At(ClipReference reference) implements ClipTarget {
        public At {
            Objects.requireNonNull(reference);
        }
    }

    /** The clip with this id ({@code ce_id} of its record, or the record's default id). */
    record WithId(String clipId) implements ClipTarget {
        public WithId {
            Checks.id("clip", clipId);
        }
    }

    /** The newest clip of this stream. */
    record LatestOf(String stream) implements ClipTarget {
        public LatestOf {
            Checks.id("stream", stream);
        }
    }

    /** What the record's key says: the clip with this id if there is one, else the newest clip of the stream so named. */
    record Named(String clipOrStream) implements ClipTarget {
        public Named {
            Checks.id("key", clipOrStream);
        }
    }
}
