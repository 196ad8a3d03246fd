package io.kinora.model.nn;

import io.kinora.tensor.Quantization;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** In how many bits the matrices of a model are kept, by the names that people give. */
public enum WeightBits {
    /** {@code int8}: a scale for each output channel. */
    INT8,
    /** {@code int4}: a scale and a zero point for each group of input channels, in the largest groups that the matrices allow. */
    INT4;

    private static final int[] GROUPS = {128, 64, 32};

    /**
     * The one of a name.
     *
     * @throws IllegalArgumentException if there is none of that name; the message has those that there are
     */
    public static WeightBits named(String name) {
        return switch (name) {
            case "int8" -> INT8;
            case "int4" -> INT4;
            default ->
                throw new IllegalArgumentException(
                        "weights in '%s' are not known; allowed are int8 and int4".formatted(name));
        };
    }

    /**
     * The scheme for matrices that take these numbers of channels.
     *
     * @throws IllegalArgumentException if no group divides all of them
     */
    public Quantization scheme(long... channelsIn) {
        if (this == INT8) {
            return new Quantization.Int8PerChannel();
        }
        return IntStream.of(GROUPS)
                .filter(group -> LongStream.of(channelsIn).allMatch(channels -> channels % group == 0))
                .mapToObj(Quantization.Int4Groups::new)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "matrices of %s channels cannot be kept in int4: the smallest group has %d"
                                .formatted(Arrays.toString(channelsIn), GROUPS[GROUPS.length - 1])));
    }
}
