package io.kinora.kafka.record;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Something that was made for an {@link Instruction}, with its lineage.
 *
 * @param lineage where it comes from; travels in the record's headers
 * @param mediaType of the bytes, for example {@code audio/wav}
 * @param payload the bytes, or where they are
 * @param at when it was complete
 */
public record GeneratedMedium(Lineage lineage, String mediaType, ClipPayload payload, Instant at) {
    public GeneratedMedium {
        Objects.requireNonNull(lineage);
        Checks.id("mediaType", mediaType);
        Objects.requireNonNull(payload);
        Objects.requireNonNull(at);
    }

    /**
     * Which request, which meta-response, which prompt.
     *
     * @param requestId the instruction, and the record's key
     * @param part which thing of the meta-response, from 0
     * @param file which of the part's pictures, from 0
     * @param modality what was asked for
     * @param metaResponse what the language model wrote
     * @param prompt what the generator was told
     * @param model which weights wrote it
     * @param generator who made this
     * @param seed of its noise
     * @param media SHA-256 of the media that came with the instruction, in their order
     * @param changed SHA-256 of the one that this is a changed form of
     */
    public record Lineage(
            String requestId,
            int part,
            int file,
            AnswerModality modality,
            String metaResponse,
            String prompt,
            ModelIdentity model,
            String generator,
            long seed,
            List<String> media,
            Optional<String> changed) {
        public Lineage {
            Checks.id("requestId", requestId);
            Checks.notNegative("part", part);
            Checks.notNegative("file", file);
            Objects.requireNonNull(modality);
            Objects.requireNonNull(metaResponse);
            Objects.requireNonNull(prompt);
            Objects.requireNonNull(model);
            Checks.text("generator", generator, 4_096);
            Checks.notNegative("seed", seed);
            media = List.copyOf(media);
            media.forEach(sha256 -> Checks.sha256("media", sha256));
            changed.ifPresent(sha256 -> Checks.sha256("changed", sha256));
        }

        /** Names this among everything that was made: request, part and file. */
        public String id() {
            return "%s-%d-%d".formatted(requestId, part, file);
        }
    }
}
