package io.kinora.model.llm;

import java.util.List;

/** Where the segments of a batch stand in the cache, and which of its new tokens share a beginning. Made once for all layers. */
record CachedBatch(List<CachedSegment> segments, List<DecodeGroup> decodeGroups) {
    static CachedBatch of(List<CachedSegment> segments) {
        return new CachedBatch(List.copyOf(segments), DecodeGroup.of(segments));
    }
}
