package io.kinora.service.http;

import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.ClipReference;
import java.util.Optional;

/** Where clips on Kafka are read. */
@FunctionalInterface
public interface KafkaClips {
    /**
     * The bytes of a clip; blocks. Empty if nothing is known at that place.
     *
     * @throws io.kinora.kafka.clip.ClipGoneException if it is no longer there, or may not be read
     */
    Optional<Blob> read(ClipReference reference);
}
