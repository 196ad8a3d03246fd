package io.kinora.decoder.pipeline;

import java.util.List;
import java.util.function.Supplier;

/** How far a generation is. Usable until the listener that was given it returns. */
public final class StepProgress {
    private final int done;
    private final int total;
    private final double timestep;
    private final Supplier<List<PixelFrame>> preview;

    StepProgress(int done, int total, double timestep, Supplier<List<PixelFrame>> preview) {
        this.done = done;
        this.total = total;
        this.timestep = timestep;
        this.preview = preview;
    }

    /** Evaluations of the network so far. */
    public int done() {
        return done;
    }

    /** Evaluations in all; some samplers need more than the steps asked for. */
    public int total() {
        return total;
    }

    /** The time of the last evaluation, falling. */
    public double timestep() {
        return timestep;
    }

    /**
     * What the frames are going to be, as far as the network knows now: its prediction of the clean latents, each turned into a colour by
     * one matrix ({@link LatentColours}), an eighth of the size. Computed when asked for.
     */
    public List<PixelFrame> preview() {
        return preview.get();
    }
}
