package io.kinora.actors.compose;

import java.util.List;
import java.util.Optional;

/**
 * Where something that was made comes from.
 *
 * @param requestId which request asked for it
 * @param model name and revision of the model that understood the request
 * @param metaResponse what that model wrote
 * @param modality what was asked for
 * @param prompt what the generator was told
 * @param generator who made it; for text, the model itself
 * @param seed of its noise
 * @param media SHA-256 of the media that came with the request, in order
 * @param changed SHA-256 of the one that it is a changed form of
 */
public record Lineage(
        String requestId,
        String model,
        String metaResponse,
        String modality,
        String prompt,
        String generator,
        long seed,
        List<String> media,
        Optional<String> changed) {
    /** Copies the list. */
    public Lineage {
        media = List.copyOf(media);
    }
}
