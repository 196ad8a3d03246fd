package io.kinora.service.cli;

import io.kinora.tensor.Quantization;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** In how many bits matrices are kept, by the names that people give. */
enum WeightBits {
    INT8(new Quantization.Int8PerChannel()),
    INT4(new Quantization.Int4Groups(128));

    private final Quantization scheme;

    WeightBits(Quantization scheme) {
        this.scheme = scheme;
    }

    Quantization scheme() {
        return scheme;
    }

    static WeightBits named(String name) {
        return Stream.of(values())
                .filter(bits -> bits.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new BadInputException("weights in '%s' are not known; allowed are %s"
                        .formatted(
                                name,
                                Stream.of(values()).map(WeightBits::toString).collect(Collectors.joining(", ")))));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
