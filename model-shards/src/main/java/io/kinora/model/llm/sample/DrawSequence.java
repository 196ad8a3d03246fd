package io.kinora.model.llm.sample;

/**
 * Uniform numbers in [0, 1) by number: the n-th is the 53 upper bits of SplitMix64's n-th output (Steele, Lea and Flood, 2014) for the
 * seed.
 *
 * <p>A draw depends on the seed and its number only, so an answer that is taken up again after a failure, or runs beside others, draws
 * what it would have drawn alone. Immutable and thread-safe.
 */
public record DrawSequence(long seed) {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private static final double UNIT = 0x1.0p-53;

    /** The n-th number, from 0. */
    public double at(long n) {
        long z = seed + (n + 1) * GOLDEN_GAMMA;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return ((z ^ (z >>> 31)) >>> 11) * UNIT;
    }
}
