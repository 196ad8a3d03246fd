package io.kinora.kafka.record;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What came of an {@link Instruction}: the meta-response, and each thing that it asked for.
 *
 * @param id follows from what determines the response ({@link #idOf}), so that one that is made again is recognised
 * @param requestId the instruction's id, and the record's key
 * @param model which weights understood the instruction
 * @param metaResponse what that model wrote; empty where it wrote nothing
 * @param parts what the meta-response asks for, in its order
 * @param media SHA-256 of the media that came with the instruction, in their order, as far as they could be read
 * @param took from reading the instruction to the response; in JSON, seconds
 * @param createdAt when the response was complete
 * @param error why there is no response
 */
public record Response(
        String id,
        String requestId,
        ModelIdentity model,
        Optional<String> metaResponse,
        List<Part> parts,
        List<String> media,
        Duration took,
        Instant createdAt,
        Optional<WireError> error) {

    public Response {
        Checks.id("id", id);
        Checks.id("requestId", requestId);
        Objects.requireNonNull(model);
        Objects.requireNonNull(metaResponse);
        parts = List.copyOf(parts);
        media = List.copyOf(media);
        media.forEach(sha256 -> Checks.sha256("media", sha256));
        Objects.requireNonNull(took);
        Objects.requireNonNull(createdAt);
        if (parts.isEmpty() != error.isPresent()) {
            throw new IllegalArgumentException(
                    "there are %d parts, but error is %s: there is one or the other".formatted(parts.size(), error));
        }
    }

    /**
     * One thing that the meta-response asks for.
     *
     * @param index from 0
     * @param modality what is asked for
     * @param prompt what the generator was told; for text, the text itself
     * @param results where on the videos topic it lies; several for several pictures, none for text
     * @param mediaType of the results
     * @param generator who made it; for text, the model itself
     * @param seed of its noise
     * @param changed SHA-256 of the medium that it is a changed form of
     * @param error why it could not be made
     */
    public record Part(
            int index,
            AnswerModality modality,
            String prompt,
            List<ClipReference> results,
            Optional<String> mediaType,
            Optional<String> generator,
            Optional<Long> seed,
            Optional<String> changed,
            Optional<WireError> error) {
        public Part {
            Checks.notNegative("index", index);
            Objects.requireNonNull(modality);
            Objects.requireNonNull(prompt);
            results = List.copyOf(results);
            Objects.requireNonNull(mediaType);
            Objects.requireNonNull(generator);
            Objects.requireNonNull(seed);
            changed.ifPresent(sha256 -> Checks.sha256("changed", sha256));
            boolean holds = !results.isEmpty() || modality == AnswerModality.TEXT;
            if (holds == error.isPresent()) {
                throw new IllegalArgumentException("part %d has %d results, but error is %s: there is one or the other"
                        .formatted(index, results.size(), error));
            }
        }
    }

    /**
     * The id of the response to this instruction about these media by these weights: the same whenever the same is asked again.
     *
     * @param media SHA-256 of the media's bytes
     */
    public static String idOf(Instruction instruction, List<String> media, String modelRevision) {
        List<String> determining = Stream.of(instruction.determining(), media, List.of(modelRevision))
                .flatMap(List::stream)
                .toList();
        return Sha256.hexOf(determining).substring(0, 32);
    }
}
