package io.kinora.decoder.vae;

import io.kinora.decoder.nn.Conv2d;
import io.kinora.decoder.nn.ResnetBlock2d;
import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** What encoder and decoder are made of. */
final class VaeBlocks {
    /** Added to the variance in every norm of the autoencoder. */
    static final double EPS = 1e-6;

    private VaeBlocks() {}

    /** ResNets of one level, the first of which may change the width. */
    static List<ResnetBlock2d> resnets(Weights block, int count, int in, int out, int groups) {
        return IntStream.range(0, count)
                .mapToObj(j -> resnet(block.at("resnets." + j), j == 0 ? in : out, out, groups))
                .toList();
    }

    private static ResnetBlock2d resnet(Weights weights, int in, int out, int groups) {
        ResnetBlock2d.Sizes sizes = new ResnetBlock2d.Sizes(in, out, OptionalInt.empty(), groups, EPS);
        return new ResnetBlock2d(weights, sizes, Conv2d.Inflation.SPATIAL);
    }

    /** Applies layers one after the other; frees what is between them, and the input. */
    static Tensor chain(Tensor x, List<? extends UnaryOperator<Tensor>> layers) {
        Tensor h = x;
        for (UnaryOperator<Tensor> layer : layers) {
            Tensor next = layer.apply(h);
            h.close();
            h = next;
        }
        return h;
    }

    /** ResNet, attention, ResNet at the lowest resolution. */
    record Mid(ResnetBlock2d first, Optional<VaeAttention> attention, ResnetBlock2d second) {
        static Mid of(Weights block, int channels, int groups, boolean attends) {
            return new Mid(
                    resnet(block.at("resnets.0"), channels, channels, groups),
                    attends
                            ? Optional.of(new VaeAttention(block.at("attentions.0"), channels, groups))
                            : Optional.empty(),
                    resnet(block.at("resnets.1"), channels, channels, groups));
        }

        List<UnaryOperator<Tensor>> layers() {
            return attention
                    .map(middle -> List.<UnaryOperator<Tensor>>of(first::forward, middle::forward, second::forward))
                    .orElseGet(() -> List.of(first::forward, second::forward));
        }
    }
}
