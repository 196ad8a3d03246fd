package io.kinora.training.data;

/** Examples by number: the same number gives the same example, so that a training can go on where it stopped. Thread-safe. */
@FunctionalInterface
public interface ClipSource {
    /**
     * One example.
     *
     * @param index from 0, any number
     * @param frames how many frames of the clip the model sees
     */
    ClipExample example(long index, int frames);
}
