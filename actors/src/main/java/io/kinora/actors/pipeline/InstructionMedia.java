package io.kinora.actors.pipeline;

import io.kinora.actors.compose.Material;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.Instruction;
import io.kinora.video.AudioLimits;
import io.kinora.video.DecodeLimits;
import io.kinora.video.VideoSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** Fetches the media that instructions name. Thread-safe. */
final class InstructionMedia {
    private final ClipFetcher clips;

    InstructionMedia(ClipFetcher clips) {
        this.clips = clips;
    }

    /** All of an instruction's media, in order. Fails with {@link MediumLostException} where one will never be found. */
    CompletionStage<List<Material>> found(Instruction instruction) {
        CompletionStage<List<Material>> all = CompletableFuture.completedStage(List.of());
        for (Instruction.Medium medium : instruction.media()) {
            all = all.thenCompose(before -> found(medium).thenApply(next -> {
                List<Material> longer = new ArrayList<>(before);
                longer.add(next);
                return longer;
            }));
        }
        return all;
    }

    private CompletionStage<Material> found(Instruction.Medium medium) {
        if (medium.place() instanceof Instruction.Enclosed enclosed) {
            return CompletableFuture.completedStage(
                    material(medium.type(), enclosed.bytes(), enclosed.bytes().sha256()));
        }
        Instruction.OnTopic place = (Instruction.OnTopic) medium.place();
        return clips.fetch(place.clip()).handle((found, failure) -> {
            if (failure != null) {
                throw lost(failure);
            }
            return found.map(clip -> material(medium.type(), clip.bytes(), clip.sha256()))
                    .orElseThrow(() ->
                            new MediumLostException("clip.unknown", "no clip is known for %s".formatted(place.clip())));
        });
    }

    private static RuntimeException lost(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        Optional<String> code = JobWork.lostForGood(cause);
        return code.isPresent()
                ? new MediumLostException(code.get(), String.valueOf(cause.getMessage()))
                : new CompletionException(cause);
    }

    private static Material material(Instruction.MediumType type, Blob bytes, String sha256) {
        VideoSource source = VideoSource.bytes(bytes.bytes());
        return switch (type) {
            case IMAGE -> new Material.Picture(source, sha256, DecodeLimits.defaults());
            case VIDEO -> new Material.Clip(source, sha256, DecodeLimits.defaults());
            case AUDIO -> new Material.Sound(source, sha256, AudioLimits.defaults());
        };
    }

    /** A medium that no other attempt would find. */
    static final class MediumLostException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final String code;

        MediumLostException(String code, String message) {
            super(message);
            this.code = code;
        }

        String code() {
            return code;
        }
    }
}
