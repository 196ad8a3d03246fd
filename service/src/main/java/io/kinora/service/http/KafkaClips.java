package io.kinora.service.http;

import io.kinora.actors.pipeline.Pipelines;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.ClipTarget;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/** Where clips on Kafka are read. */
@FunctionalInterface
public interface KafkaClips {
    /**
     * The bytes of a clip; blocks. Empty if nothing is known at that place.
     *
     * @throws io.kinora.kafka.clip.ClipGoneException if it is no longer there, or may not be read
     */
    Optional<Blob> read(ClipReference reference);

    /** The clips that a node's pipelines read. */
    static KafkaClips of(Pipelines pipelines) {
        return reference -> {
            try {
                return pipelines
                        .clip(new ClipTarget.At(reference))
                        .toCompletableFuture()
                        .join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof RuntimeException cause ? cause : e;
            }
        };
    }
}
