package io.kinora.actors.render;

import akka.util.ByteString;
import io.kinora.actors.shard.RenderedAs;
import java.time.Duration;

/** What happens to a job; the last event is {@link Made} or {@link NotMade}. */
public sealed interface RenderEvent {
    /** The language model has turned the prompt into embeddings. */
    record Imagined(String id, Duration took) implements RenderEvent {}

    /** Denoising steps so far. */
    record Stepped(String id, int done, int total) implements RenderEvent {}

    /** The clip. */
    record Made(String id, ByteString clip, RenderedAs as) implements RenderEvent {}

    /**
     * There will be no clip.
     *
     * @param code a word that programs branch on: {@code prompt.too_long}, {@code request.invalid}, {@code too_large}, {@code cancelled}, {@code
     *     late}, {@code busy}, {@code model}
     * @param retriable whether asking again later may help
     */
    record NotMade(String id, String code, String reason, boolean retriable) implements RenderEvent {}
}
