package io.kinora.actors.render;

import akka.util.ByteString;
import io.kinora.actors.shard.RenderedAs;
import java.time.Duration;
import java.util.List;

/** What happens to a job; the last event is {@link Made} or {@link NotMade}. */
public sealed interface RenderEvent {
    /** What is to be seen has become embeddings: regressed from words, or encoded from frames. */
    record Imagined(String id, Duration took) implements RenderEvent {}

    /** Denoising steps so far. */
    record Stepped(String id, int done, int total) implements RenderEvent {}

    /**
     * What the result is going to look like.
     *
     * @param step denoising steps done
     * @param picture JPEG of some frames side by side, small
     */
    record Previewed(String id, int step, ByteString picture) implements RenderEvent {}

    /**
     * The result.
     *
     * @param files one clip, or a picture of each frame
     */
    record Made(String id, List<ByteString> files, RenderedAs as) implements RenderEvent {
        /** Takes a copy. */
        public Made {
            files = List.copyOf(files);
        }
    }

    /**
     * There will be no clip.
     *
     * @param code a word that programs branch on: {@code prompt.too_long}, {@code request.invalid}, {@code clip.unreadable}, {@code clip.limit}, {@code
     *     too_large}, {@code cancelled}, {@code late}, {@code busy}, {@code model}, {@code model.unusable}, {@code internal}
     * @param retriable whether asking again later may help
     */
    record NotMade(String id, String code, String reason, boolean retriable) implements RenderEvent {}
}
