package io.kinora.training.eval;

import io.kinora.video.VideoSource;
import java.util.concurrent.CompletionStage;

/** Whoever makes a clip from a prompt: a served checkpoint. */
@FunctionalInterface
public interface ClipMaker {
    /** The finished file. */
    CompletionStage<VideoSource> make(String prompt, long seed);
}
