package io.kinora.tensor.torchfile;

/** What a pickle may make the reader do: a few bytes of pickle can name a large object many times over. */
final class PickleBudget {
    /** A state dictionary takes about 30 steps a tensor. */
    private static final long STEPS = 1L << 22;

    private long left = STEPS;

    void spend(long steps) {
        left -= steps;
        if (left < 0) {
            throw new TorchFileException("the pickle takes more than %d steps to read".formatted(STEPS));
        }
    }
}
