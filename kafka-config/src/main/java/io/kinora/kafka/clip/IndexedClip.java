package io.kinora.kafka.clip;

import io.kinora.kafka.record.ClipReference;
import java.time.Instant;
import java.util.Optional;

/**
 * A clip as the index knows it.
 *
 * @param reference its place
 * @param id the clip's id
 * @param stream its stream
 * @param mediaType as its producer said
 * @param size of its bytes, wherever they are
 * @param at its time
 */
public record IndexedClip(
        ClipReference reference, String id, String stream, Optional<String> mediaType, long size, Instant at) {}
