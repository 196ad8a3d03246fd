package io.kinora.actors.pipeline;

import akka.Done;
import java.util.concurrent.CompletionStage;

/** A pipeline that runs. */
public final class PipelineControl {
    private final Runnable stop;
    private final CompletionStage<Done> ended;

    PipelineControl(Runnable stop, CompletionStage<Done> ended) {
        this.stop = stop;
        this.ended = ended;
    }

    /** Stops reading. What is being worked on and not committed is worked on again after the next start. */
    public void stop() {
        stop.run();
    }

    /** Completes when it has stopped. */
    public CompletionStage<Done> whenEnded() {
        return ended;
    }
}
