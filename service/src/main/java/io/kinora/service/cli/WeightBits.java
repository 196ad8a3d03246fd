package io.kinora.service.cli;

import io.kinora.tensor.Quantization;

/** In how many bits matrices are kept, by the names that people give. */
enum WeightBits {
    INT8,
    INT4;

    private static final int GROUP = 128;

    /**
     * The scheme of a name.
     *
     * @throws BadInputException if there is none of that name; the message has those that there are
     */
    static WeightBits named(String name) {
        return switch (name) {
            case "int8" -> INT8;
            case "int4" -> INT4;
            default ->
                throw new BadInputException("weights in '%s' are not known; allowed are int8, int4".formatted(name));
        };
    }

    Quantization scheme() {
        return this == INT8 ? new Quantization.Int8PerChannel() : new Quantization.Int4Groups(GROUP);
    }
}
