package io.kinora.decoder.pipeline;

/**
 * What a pipeline does where a request says nothing.
 *
 * @param frames frames of a clip, or stills
 * @param size pixels of a frame
 * @param steps denoising steps
 * @param guidance guidance scale
 * @param sourceGuidance guidance scale of a job that starts from a source
 */
public record GenerationDefaults(int frames, FrameSize size, int steps, double guidance, double sourceGuidance) {
    /** The job that a request comes to. */
    Job resolve(GenerationRequest request) {
        FrameSize chosen = request.source()
                .map(clip -> new FrameSize(
                        clip.frames().get(0).width(), clip.frames().get(0).height()))
                .or(request::size)
                .orElse(size);
        int count = request.source().map(clip -> clip.frames().size()).orElseGet(() -> request.frames()
                .orElse(frames));
        double scale = request.source().isPresent() ? sourceGuidance : guidance;
        return new Job(
                request,
                count,
                chosen,
                request.steps().orElse(steps),
                new Guidance(request.guidance().orElse(scale), request.guidanceRescale()));
    }
}
