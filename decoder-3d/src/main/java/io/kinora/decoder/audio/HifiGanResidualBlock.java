package io.kinora.decoder.audio;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/** Pairs of a dilated and a plain convolution, each pair added to its input: many reaches in time at once. Thread-safe. */
final class HifiGanResidualBlock implements AutoCloseable {
    private final List<SoundConv> convs1;
    private final List<SoundConv> convs2;
    private final List<Integer> dilations;
    private final double slope;

    HifiGanResidualBlock(Weights weights, int channels, int kernel, List<Integer> dilations, double slope) {
        this.convs1 = convs(weights, "convs1.", channels, kernel, dilations.size());
        this.convs2 = convs(weights, "convs2.", channels, kernel, dilations.size());
        this.dilations = dilations;
        this.slope = slope;
    }

    private static List<SoundConv> convs(Weights weights, String list, int channels, int kernel, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> SoundConv.of(weights.at(list + i), channels, channels, kernel))
                .toList();
    }

    /** {@code [B, C, L]} to the same. */
    Tensor forward(Tensor input) {
        try (Scope scope = input.engine().scope()) {
            Tensor x = input;
            for (int i = 0; i < dilations.size(); i++) {
                Tensor dilated = convs1.get(i).forward(x.leakyRelu(slope), dilations.get(i));
                x = convs2.get(i).forward(dilated.leakyRelu(slope), 1).add(x);
            }
            return scope.keep(x);
        }
    }

    @Override
    public void close() {
        convs1.forEach(SoundConv::close);
        convs2.forEach(SoundConv::close);
    }
}
