package io.kinora.training.eval;

import io.kinora.video.VideoSource;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Whoever answers questions about a clip: a served checkpoint. */
@FunctionalInterface
public interface Answerer {
    /** The answers, one for each question, in their order. */
    CompletionStage<List<String>> answer(VideoSource clip, List<String> questions);
}
