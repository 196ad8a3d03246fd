package io.kinora.decoder.pipeline;

import java.util.List;

/**
 * Frames to start from instead of pure noise.
 *
 * @param frames all of one size, at least one
 * @param strength share of the denoising steps that are run on them, above 0 to 1: small keeps much of the source, 1 nearly nothing
 */
public record SourceClip(List<PixelFrame> frames, double strength) {
    /** Checks frames and strength. */
    public SourceClip {
        frames = List.copyOf(frames);
        if (frames.isEmpty()) {
            throw new InvalidRequestException("source frames", "0", "at least 1");
        }
        if (!(strength > 0 && strength <= 1)) {
            throw new InvalidRequestException("strength", strength, "above 0 to 1");
        }
        PixelFrame first = frames.get(0);
        for (PixelFrame frame : frames) {
            if (frame.width() != first.width() || frame.height() != first.height()) {
                throw new InvalidRequestException(
                        "source frames",
                        "%d x %d and %d x %d".formatted(first.width(), first.height(), frame.width(), frame.height()),
                        "one size for all");
            }
        }
    }
}
