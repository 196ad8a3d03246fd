package io.kinora.actors.compose;

import akka.util.ByteString;
import io.kinora.model.modaverse.meta.MetaResponse;
import java.util.List;

/** What happens to a request; the last event is {@link Finished} or {@link NotUnderstood}. */
public sealed interface ComposeEvent {
    /** A medium was seen or heard. */
    record Perceived(String id, int medium, boolean reused) implements ComposeEvent {}

    /**
     * What the language model wrote, read.
     *
     * @param promptTokens positions of its prompt, three of each medium
     * @param newTokens that it wrote
     */
    record Responded(String id, MetaResponse response, int promptTokens, int newTokens) implements ComposeEvent {}

    /** An answer in words; {@code index} counts what the meta-response asks for. */
    record Said(String id, int index, String text, Lineage lineage) implements ComposeEvent {}

    /**
     * Something was made.
     *
     * @param files one, or several pictures
     * @param contentType of each
     * @param suffix of a file's name, with the dot
     */
    record Made(String id, int index, List<ByteString> files, String contentType, String suffix, Lineage lineage)
            implements ComposeEvent {
        /** Takes a copy. */
        public Made {
            files = List.copyOf(files);
        }
    }

    /** Something could not be made; the rest of the answer goes on. Parameters as of {@link NotUnderstood}. */
    record NotMade(String id, int index, String code, String reason, boolean retriable) implements ComposeEvent {}

    /** Everything that was asked for was tried. */
    record Finished(String id, int made, int failed) implements ComposeEvent {}

    /**
     * There will be no answer.
     *
     * @param code a word that programs branch on: {@code media.unreadable}, {@code media.limit}, {@code media.unusable}, {@code media.no_sound},
     *     {@code meta_response.malformed}, {@code prompt.too_long}, {@code request.invalid}, {@code busy}, {@code late}, {@code cancelled},
     *     {@code model}, {@code internal}
     * @param retriable whether asking again later may help
     */
    record NotUnderstood(String id, String code, String reason, boolean retriable) implements ComposeEvent {}
}
