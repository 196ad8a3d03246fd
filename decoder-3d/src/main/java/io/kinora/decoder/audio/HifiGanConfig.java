package io.kinora.decoder.audio;

import io.kinora.decoder.nn.ModuleConfig;
import java.nio.file.Path;
import java.util.List;

/**
 * Sizes of a {@link HifiGan}, as its {@code config.json} gives them.
 *
 * @param bins mel bins of a frame
 * @param samplingRate samples per second that it makes
 * @param channels channels before the first up-sampling; each halves them
 * @param rates samples that each up-sampling makes of one
 * @param kernels kernel widths of the up-samplings
 * @param residualKernels kernel widths of the residual blocks behind each up-sampling
 * @param dilations dilations inside each of these residual blocks
 * @param slope of leaky ReLU, but for the last
 * @param normalizeBefore whether spectrograms are normalised with stored statistics
 */
public record HifiGanConfig(
        int bins,
        int samplingRate,
        int channels,
        List<Integer> rates,
        List<Integer> kernels,
        List<Integer> residualKernels,
        List<List<Integer>> dilations,
        double slope,
        boolean normalizeBefore) {
    /** Checks that the lists fit one another. */
    public HifiGanConfig {
        rates = List.copyOf(rates);
        kernels = List.copyOf(kernels);
        residualKernels = List.copyOf(residualKernels);
        dilations = List.copyOf(dilations);
        if (rates.isEmpty() || rates.size() != kernels.size() || residualKernels.size() != dilations.size()) {
            throw new IllegalArgumentException(
                    "a vocoder has as many rates as kernels and as many residual kernels as dilations, got %s, %s, %s and %s"
                            .formatted(rates, kernels, residualKernels, dilations));
        }
        if (residualKernels.isEmpty() || channels >> rates.size() < 1) {
            throw new IllegalArgumentException("%d channels cannot be halved %d times, or there is no residual block"
                    .formatted(channels, rates.size()));
        }
    }

    /** Reads {@code config.json} in a folder. */
    public static HifiGanConfig read(Path folder) {
        return of(ModuleConfig.read(folder));
    }

    /** Reads a configuration; absent keys have the official class's defaults. */
    public static HifiGanConfig of(ModuleConfig config) {
        return new HifiGanConfig(
                config.integer("model_in_dim", 80),
                config.integer("sampling_rate", 16_000),
                config.integer("upsample_initial_channel", 512),
                config.integers("upsample_rates", List.of(4, 4, 4, 4)),
                config.integers("upsample_kernel_sizes", List.of(8, 8, 8, 8)),
                config.integers("resblock_kernel_sizes", List.of(3, 7, 11)),
                config.integerLists(
                        "resblock_dilation_sizes", List.of(List.of(1, 3, 5), List.of(1, 3, 5), List.of(1, 3, 5))),
                config.number("leaky_relu_slope", 0.1),
                config.flag("normalize_before", true));
    }

    /** Samples for each mel frame. */
    public int hop() {
        return rates.stream().reduce(1, Math::multiplyExact);
    }

    /** Channels behind an up-sampling; behind the last of none, those before the first. */
    int channelsAfter(int upsamplings) {
        return channels >> upsamplings;
    }
}
