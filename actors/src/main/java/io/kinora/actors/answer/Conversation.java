package io.kinora.actors.answer;

import io.kinora.video.DecodeLimits;
import io.kinora.video.VideoSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What was said so far, up to what is to be answered.
 *
 * @param system how the model is to answer; absent means the model's own
 * @param turns in their order
 */
public record Conversation(Optional<String> system, List<Turn> turns) {
    /** Who speaks. */
    public enum Speaker {
        USER,
        MODEL
    }

    /** What one of the two said at once. */
    public record Turn(Speaker speaker, List<Part> parts) {
        /** Takes a copy. */
        public Turn {
            parts = List.copyOf(parts);
        }
    }

    /** What turns are made of, in reading order. */
    public sealed interface Part {}

    /** Text; names of special tokens in it stay text. */
    public record Words(String text) implements Part {
        /** Refuses null. */
        public Words {
            Objects.requireNonNull(text);
        }
    }

    /** A clip or a picture. */
    public sealed interface Medium extends Part {
        /** Where its bytes are. */
        VideoSource source();

        /** SHA-256 of its bytes: what is known of it is kept under it. */
        String sha256();

        /** Ceilings of decoding. */
        DecodeLimits limits();
    }

    /**
     * A clip.
     *
     * @param frames how many of its frames are looked at
     */
    public record Clip(VideoSource source, String sha256, int frames, DecodeLimits limits) implements Medium {}

    /** A still picture. */
    public record Still(VideoSource source, String sha256, DecodeLimits limits) implements Medium {}

    /**
     * Takes a copy.
     *
     * @throws IllegalArgumentException if the last turn is not the user's
     */
    public Conversation {
        turns = List.copyOf(turns);
        if (turns.isEmpty() || turns.get(turns.size() - 1).speaker() != Speaker.USER) {
            throw new IllegalArgumentException("the last turn of a conversation has to be the user's");
        }
    }

    /** One question about one clip. */
    public static Conversation aboutClip(Clip clip, String question) {
        return new Conversation(Optional.empty(), List.of(new Turn(Speaker.USER, List.of(clip, new Words(question)))));
    }

    /** All clips and pictures in reading order. */
    List<Medium> media() {
        return turns.stream()
                .flatMap(turn -> turn.parts().stream())
                .filter(Medium.class::isInstance)
                .map(Medium.class::cast)
                .toList();
    }
}
