package io.kinora.decoder.pipeline;

/**
 * Reuse of a U-Net's deep features between neighbouring denoising steps: only every {@code interval}-th step runs the whole network, the
 * steps between run its outermost blocks on the deep features of the last whole step. Ma et al. 2023, DeepCache, arXiv:2312.00858.
 *
 * <p>Faster and not the same: {@code docs/performance.md} has the measured difference.
 *
 * @param interval steps from one whole run to the next, 2 or more
 * @param depth levels that are always run, counted from the outside, 1 or more
 */
public record StepCache(int interval, int depth) {
    /** Checks both. */
    public StepCache {
        if (interval < 2) {
            throw new InvalidRequestException("step cache interval", interval, "2 or more");
        }
        if (depth < 1) {
            throw new InvalidRequestException("step cache depth", depth, "1 or more");
        }
    }
}
