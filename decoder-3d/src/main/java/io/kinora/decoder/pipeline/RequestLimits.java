package io.kinora.decoder.pipeline;

import java.util.OptionalInt;

/**
 * What a service lets its clients ask for. A pipeline itself can do any of it that fits into memory.
 *
 * @param minFrames fewest frames of a clip
 * @param maxFrames most frames of a clip, or stills of one job
 * @param maxPixels most pixels of a frame
 * @param maxSteps most denoising steps
 */
public record RequestLimits(int minFrames, int maxFrames, long maxPixels, int maxSteps) {
    /** Clips of 8 to 24 frames (what the published video decoders were trained on), up to 1024 x 1024 pixels and 200 steps. */
    public static final RequestLimits DEFAULT = new RequestLimits(8, 24, 1024L * 1024, 200);

    /** Whatever a pipeline can do. */
    public static final RequestLimits NONE = new RequestLimits(1, Integer.MAX_VALUE, Long.MAX_VALUE, Integer.MAX_VALUE);

    /** Checks that they let something through. */
    public RequestLimits {
        if (minFrames < 1 || maxFrames < minFrames || maxPixels < 1 || maxSteps < 1) {
            throw new IllegalArgumentException("no request could meet limits of %d to %d frames, %d pixels and %d steps"
                    .formatted(minFrames, maxFrames, maxPixels, maxSteps));
        }
    }

    /**
     * Gives the request back if it is within these limits.
     *
     * @throws InvalidRequestException otherwise; the message names the field, its value and what is allowed
     */
    public GenerationRequest check(GenerationRequest request) {
        int fewest = request.format().isClip() ? minFrames : 1;
        check("frames", request.frames(), fewest, maxFrames);
        check("steps", request.steps(), 1, maxSteps);
        request.source().ifPresent(source -> {
            check("source frames", OptionalInt.of(source.frames().size()), fewest, maxFrames);
            checkPixels(source.frames().get(0).width(), source.frames().get(0).height());
        });
        request.size().ifPresent(size -> checkPixels(size.width(), size.height()));
        return request;
    }

    private static void check(String field, OptionalInt value, int least, int most) {
        if (value.isPresent() && (value.getAsInt() < least || value.getAsInt() > most)) {
            throw new InvalidRequestException(field, value.getAsInt(), "%d to %d".formatted(least, most));
        }
    }

    private void checkPixels(int width, int height) {
        if ((long) width * height > maxPixels) {
            throw new InvalidRequestException(
                    "size", "%d x %d".formatted(width, height), "up to %,d pixels".formatted(maxPixels));
        }
    }
}
