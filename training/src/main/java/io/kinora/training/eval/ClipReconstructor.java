package io.kinora.training.eval;

import io.kinora.video.VideoSource;
import java.util.concurrent.CompletionStage;

/** Whoever encodes a clip and decodes it again, without a language model: a served checkpoint. */
@FunctionalInterface
public interface ClipReconstructor {
    /** The clip as the decoder draws it from the encoder's embeddings. */
    CompletionStage<VideoSource> reconstruct(VideoSource clip, long seed);
}
