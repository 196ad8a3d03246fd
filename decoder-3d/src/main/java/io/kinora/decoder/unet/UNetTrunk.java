package io.kinora.decoder.unet;

import io.kinora.decoder.nn.ChannelsLast;
import io.kinora.decoder.nn.Conv2d;
import io.kinora.decoder.nn.CrossAttention;
import io.kinora.decoder.nn.GroupNorm;
import io.kinora.decoder.nn.ResnetBlock2d;
import io.kinora.decoder.nn.Sinusoids;
import io.kinora.decoder.nn.TimeSchedule;
import io.kinora.decoder.nn.TimeStep;
import io.kinora.decoder.nn.TimestepEmbedding;
import io.kinora.decoder.nn.TransformerTemporalModel;
import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The way down and up that all U-Nets share, or a run of its stages. Frames are images of the batch here; only layers that mix frames know
 * how many belong together.
 */
final class UNetTrunk {
    private final UNetLayout layout;
    private final Engine engine;
    private final TimestepEmbedding timeEmbedding;
    private final Optional<InStage> in;
    private final List<DownBlock> downBlocks;
    private final Optional<MidBlock> midBlock;
    private final List<UpBlock> upBlocks;
    private final Optional<OutStage> out;
    private final List<ResnetBlock2d> resnets;
    private final List<CrossAttention> crossAttentions;

    /** First convolution, and the temporal transformer that only the 3D network has. */
    private record InStage(Conv2d convIn, Optional<TransformerTemporalModel> transformerIn) {
        UNetState forward(Tensor x, long frames) {
            Tensor h = convIn.forward(ChannelsLast.of(x.to(convIn.dtype())), frames);
            Tensor mixed = transformerIn.map(t -> t.forward(h, frames)).orElse(h);
            return new UNetState(mixed, List.of(mixed), frames);
        }
    }

    /** Last norm and convolution. */
    private record OutStage(GroupNorm convNormOut, Conv2d convOut) {
        UNetState forward(UNetState state) {
            Tensor active = convNormOut.forwardSilu(state.hidden());
            state.freeHidden();
            return state.with(convOut.forward(active, state.frames()));
        }
    }

    UNetTrunk(UNetLayout layout, StageRange range, UnitFactory factory, Weights weights) {
        int levels = layout.levels();
        UNetBuilder builder = new UNetBuilder(layout, factory, weights);
        this.layout = layout;
        this.engine = weights.engine();
        this.timeEmbedding = new TimestepEmbedding(weights.at("time_embedding"), layout.width(0), layout.timeWidth());
        this.in = range.contains(0) ? Optional.of(inStage(layout, factory, weights)) : Optional.empty();
        this.downBlocks = IntStream.range(0, levels)
                .filter(level -> range.contains(1 + level))
                .mapToObj(builder::down)
                .toList();
        this.midBlock = range.contains(1 + levels) ? Optional.of(builder.mid()) : Optional.empty();
        this.upBlocks = IntStream.range(0, levels)
                .filter(index -> range.contains(2 + levels + index))
                .mapToObj(builder::up)
                .toList();
        this.out = range.contains(2 + 2 * levels) ? Optional.of(outStage(layout, weights)) : Optional.empty();
        this.resnets = builder.resnets();
        this.crossAttentions = builder.crossAttentions();
    }

    private static InStage inStage(UNetLayout layout, UnitFactory factory, Weights weights) {
        Conv2d convIn = Conv2d.of3x3(weights.at("conv_in"), layout.inChannels(), layout.width(0), layout.inflation());
        return new InStage(convIn, factory.transformerIn(weights));
    }

    private static OutStage outStage(UNetLayout layout, Weights weights) {
        GroupNorm norm = new GroupNorm(weights.at("conv_norm_out"), layout.width(0), layout.groups(), layout.eps());
        return new OutStage(
                norm, Conv2d.of3x3(weights.at("conv_out"), layout.width(0), layout.outChannels(), layout.inflation()));
    }

    Engine engine() {
        return engine;
    }

    DType dtype() {
        return timeEmbedding.dtype();
    }

    int inChannels() {
        return layout.inChannels();
    }

    /**
     * Projects a context for every cross-attention of these stages.
     *
     * @param context {@code [B, S, D]}
     * @param added {@code [B, D]}, added to every time embedding, or {@code [B·F, D]}, to that of each frame
     * @param joined {@code [B, D']}, joined to every time embedding
     */
    Conditioning condition(Scope scope, Optional<Tensor> context, Optional<Tensor> added, Optional<Tensor> joined) {
        Optional<Tensor> states = context.map(states0 -> states0.to(dtype()));
        return Conditioning.of(scope, states, crossAttentions, added, joined);
    }

    /** A schedule in which all samples have the same timestep. */
    TimeSchedule embedTime(Conditioning conditioning, double... timesteps) {
        try (Scope scope = engine.scope()) {
            Tensor rows = embed(timesteps).unsqueeze(1); // [steps, 1, D]
            if (conditioning.added().isPresent()) {
                rows = rows.add(conditioning.added().get().unsqueeze(0)); // [steps, B, D]
            }
            if (conditioning.joined().isPresent()) {
                Tensor other = conditioning.joined().get().unsqueeze(0); // [1, B, D']
                rows = engine.cat(
                        List.of(
                                rows.expand(rows.dim(0), other.dim(1), rows.dim(2)),
                                other.expand(rows.dim(0), other.dim(1), other.dim(2))),
                        2);
            }
            int samples = (int) rows.dim(1);
            return TimeSchedule.of(rows.reshape(rows.dim(0) * samples, rows.dim(2)), samples, resnets);
        }
    }

    /** A schedule of one step in which each sample has its own timestep. */
    TimeSchedule embedTimePerSample(Conditioning conditioning, double... timesteps) {
        try (Scope scope = engine.scope()) {
            Tensor rows = embed(timesteps); // [B, D], behind what frames add [B·F, D]
            if (conditioning.added().isPresent()) {
                Tensor added = conditioning.added().get();
                rows = rows.repeatInterleave(Math.toIntExact(added.dim(0) / rows.dim(0)), 0)
                        .add(added);
            }
            rows = conditioning.joined().isPresent()
                    ? engine.cat(List.of(rows, conditioning.joined().get()), 1)
                    : rows;
            return TimeSchedule.of(rows, (int) rows.dim(0), resnets);
        }
    }

    private Tensor embed(double... timesteps) {
        return timeEmbedding.forward(Sinusoids.of(engine, layout.width(0), timesteps));
    }

    /** All stages: images {@code [B·F, C, Y, X]} to {@code [B·F, O, Y, X]}. */
    Tensor forward(Tensor sample, long frames, TimeStep time, Conditioning conditioning) {
        try (Scope scope = engine.scope()) {
            UNetState state = new UNetState(sample.to(dtype()), List.of(), frames);
            Tensor out = advance(state, time, conditioning).hidden();
            return scope.keep(out.to(sample.dtype()).contiguous());
        }
    }

    /** All stages, or only those of the outer levels if the inner ones' features are held; a whole pass leaves them behind. */
    Tensor forward(Tensor sample, long frames, TimeStep time, Conditioning conditioning, DeepFeatures deep) {
        int inner = layout.levels() - deep.outerLevels();
        if (inner < 1) {
            throw new IllegalArgumentException("a U-Net of %d levels has no features below its outer %d levels"
                    .formatted(layout.levels(), deep.outerLevels()));
        }
        try (Scope scope = engine.scope()) {
            UNetState state = new UNetState(sample.to(dtype()), List.of(), frames);
            if (deep.isHeld()) {
                UNetState outer = descend(state, downBlocks.subList(0, deep.outerLevels()), time, conditioning);
                // The newest skip is the smaller image that only the inner levels read.
                state = outer.withoutNewestSkip(deep.view());
            } else {
                UNetState lowest = turn(descend(state, downBlocks, time, conditioning), time, conditioning);
                state = ascend(lowest, upBlocks.subList(0, inner), time, conditioning);
                deep.hold(scope, state.hidden());
                state = state.with(deep.view());
            }
            List<UpBlock> outer = upBlocks.subList(inner, layout.levels());
            Tensor result = leave(ascend(state, outer, time, conditioning)).hidden();
            return scope.keep(result.to(sample.dtype()).contiguous());
        }
    }

    /** These stages. The state is used up: what no later stage needs is freed. */
    UNetState advance(UNetState state, TimeStep time, Conditioning conditioning) {
        // 1. time: embedTime has projected it for every ResNet.
        UNetState lowest = descend(state, downBlocks, time, conditioning); // 2. in, 3. down
        UNetState turned = turn(lowest, time, conditioning); // 4. mid
        return leave(ascend(turned, upBlocks, time, conditioning)); // 5. up, out
    }

    private UNetState descend(UNetState state, List<DownBlock> blocks, TimeStep time, Conditioning conditioning) {
        UNetState at = in.isPresent() ? in.get().forward(state.hidden(), state.frames()) : state;
        for (DownBlock block : blocks) {
            at = block.forward(at, time, conditioning);
        }
        return at;
    }

    private UNetState turn(UNetState state, TimeStep time, Conditioning conditioning) {
        return midBlock.isPresent() ? midBlock.get().forward(state, time, conditioning) : state;
    }

    private static UNetState ascend(UNetState state, List<UpBlock> blocks, TimeStep time, Conditioning conditioning) {
        UNetState at = state;
        for (UpBlock block : blocks) {
            at = block.forward(at, time, conditioning);
        }
        return at;
    }

    private UNetState leave(UNetState state) {
        return out.isPresent() ? out.get().forward(state) : state;
    }
}
