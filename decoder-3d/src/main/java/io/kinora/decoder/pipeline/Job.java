package io.kinora.decoder.pipeline;

/** A request with every default filled in. */
record Job(GenerationRequest request, int frames, FrameSize size, int steps, Guidance guidance) {
    /** Evaluation to start at: 0, or for a source the one that its strength leaves; as the official pipelines count it. */
    int firstStep() {
        double strength = request.source().map(SourceClip::strength).orElse(1.0);
        int run = Math.min((int) (steps * strength), steps);
        if (run == 0) {
            throw new InvalidRequestException(
                    "strength", strength, "at least %s with %d steps".formatted(1.0 / steps, steps));
        }
        return steps - run;
    }

    @Override
    public String toString() {
        return "%d frames of %s".formatted(frames, size);
    }
}
