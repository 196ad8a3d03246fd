package io.kinora.decoder.audio;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The vocoder: mel spectrograms to samples, by transposed convolutions with residual blocks of several reaches between them.
 *
 * <p>Source: Kong et al. 2020, arXiv:2010.05646; official class transformers {@code SpeechT5HifiGan}, whose tensor names it reads, with weight
 * normalisation in the weights or apart. Thread-safe. Owns what it puts together of weights stored apart: close it before its checkpoint.
 */
public final class HifiGan implements AutoCloseable {
    /** Of the last leaky ReLU, whatever the configuration says: torch's default, which the official class leaves there. */
    private static final double LAST_SLOPE = 0.01;

    private static final int OUTER_KERNEL = 7;

    private final HifiGanConfig config;
    private final Engine engine;
    private final Optional<Statistics> statistics;
    private final SoundConv convPre;
    private final List<Stage> stages;
    private final SoundConv convPost;

    /** Mean and deviation {@code [M]} of the spectrograms it was trained on. */
    private record Statistics(Tensor mean, Tensor scale) {}

    /** One up-sampling and the residual blocks whose mean follows. */
    private record Stage(SoundConv upsampler, int rate, List<HifiGanResidualBlock> resblocks) {
        Tensor forward(Tensor x, double slope) {
            try (Scope scope = x.engine().scope()) {
                Tensor finer = upsampler.upsample(x.leakyRelu(slope), rate); // [B, C/2, rate·L]
                Tensor sum = resblocks.get(0).forward(finer);
                for (HifiGanResidualBlock block : resblocks.subList(1, resblocks.size())) {
                    sum = sum.add(block.forward(finer));
                }
                return scope.keep(sum.mul(1.0 / resblocks.size()));
            }
        }
    }

    /** Takes the vocoder. */
    public HifiGan(HifiGanConfig config, Weights weights) {
        this.config = config;
        this.engine = weights.engine();
        this.statistics = statistics(config, weights);
        this.convPre = SoundConv.of(weights.at("conv_pre"), config.bins(), config.channels(), OUTER_KERNEL);
        this.stages = new ArrayList<>();
        int kinds = config.residualKernels().size();
        for (int i = 0; i < config.rates().size(); i++) {
            int channels = config.channelsAfter(i + 1);
            SoundConv upsampler = SoundConv.transposed(
                    weights.at("upsampler." + i),
                    config.channelsAfter(i),
                    channels,
                    config.kernels().get(i));
            List<HifiGanResidualBlock> blocks = new ArrayList<>();
            for (int j = 0; j < kinds; j++) {
                blocks.add(new HifiGanResidualBlock(
                        weights.at("resblocks." + (i * kinds + j)),
                        channels,
                        config.residualKernels().get(j),
                        config.dilations().get(j),
                        config.slope()));
            }
            stages.add(new Stage(upsampler, config.rates().get(i), List.copyOf(blocks)));
        }
        int last = config.channelsAfter(config.rates().size());
        this.convPost = SoundConv.of(weights.at("conv_post"), last, 1, OUTER_KERNEL);
    }

    private static Optional<Statistics> statistics(HifiGanConfig config, Weights weights) {
        if (config.normalizeBefore()) {
            return Optional.of(
                    new Statistics(weights.take("mean", config.bins()), weights.take("scale", config.bins())));
        }
        weights.ignore("mean");
        weights.ignore("scale");
        return Optional.empty();
    }

    /** Its sizes. */
    public HifiGanConfig config() {
        return config;
    }

    /**
     * Logarithmic mel spectrograms {@code [B, F, M]} to samples {@code [B, n]} in -1 to 1, n being about F times {@link HifiGanConfig#hop}.
     *
     * @throws ShapeException if they are not such spectrograms
     */
    public Tensor forward(Tensor mel) {
        if (mel.rank() != 3 || mel.dim(2) != config.bins() || mel.shape().elements() == 0) {
            throw new ShapeException(
                    "spectrograms are [B, F, %d] with no empty axis, got %s".formatted(config.bins(), mel.shape()));
        }
        try (Scope scope = engine.scope()) {
            Tensor typed = mel.to(convPre.dtype());
            Tensor normalised = statistics
                    .map(known -> typed.sub(known.mean()).div(known.scale()))
                    .orElse(typed);
            Tensor x = convPre.forward(normalised.transpose(1, 2).contiguous(), 1); // [B, C, F]
            for (Stage stage : stages) {
                Tensor finer = stage.forward(x, config.slope());
                x.close();
                x = finer;
            }
            Tensor samples = convPost.forward(x.leakyRelu(LAST_SLOPE), 1).tanh(); // [B, 1, n]
            return scope.keep(samples.squeeze(1).to(mel.dtype()));
        }
    }

    /** Frees the weights that were put together here. */
    @Override
    public void close() {
        convPre.close();
        for (Stage stage : stages) {
            stage.upsampler().close();
            stage.resblocks().forEach(HifiGanResidualBlock::close);
        }
        convPost.close();
    }
}
