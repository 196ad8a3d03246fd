package io.kinora.decoder.unet;

import io.kinora.decoder.nn.CrossAttention;
import io.kinora.decoder.nn.Downsample2d;
import io.kinora.decoder.nn.ResnetBlock2d;
import io.kinora.decoder.nn.Transformer2dModel;
import io.kinora.decoder.nn.Upsample2d;
import io.kinora.model.checkpoint.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Takes a U-Net's blocks from a checkpoint, and lists the layers that can be prepared before the first step. */
final class UNetBuilder {
    private final UNetLayout layout;
    private final UnitFactory factory;
    private final Weights root;
    private final List<ResnetBlock2d> resnets = new ArrayList<>();
    private final List<CrossAttention> crossAttentions = new ArrayList<>();

    UNetBuilder(UNetLayout layout, UnitFactory factory, Weights root) {
        this.layout = layout;
        this.factory = factory;
        this.root = root;
    }

    /** Every ResNet built so far. */
    List<ResnetBlock2d> resnets() {
        return List.copyOf(resnets);
    }

    /** Every attention built so far that reads the conditioning. */
    List<CrossAttention> crossAttentions() {
        return List.copyOf(crossAttentions);
    }

    DownBlock down(int level) {
        Weights block = root.at("down_blocks." + level);
        int width = layout.width(level);
        List<UNetUnit> units = IntStream.range(0, layout.layers().get(level))
                .mapToObj(j -> {
                    int in = j == 0 ? layout.enteringDown(level) : width;
                    return unit(block, j, level, in, layout.downAttention().get(level));
                })
                .toList();
        Optional<Downsample2d> downsampler = layout.lowest(level)
                ? Optional.empty()
                : Optional.of(Downsample2d.symmetric(block.at("downsamplers.0"), width, layout.inflation()));
        return new DownBlock(units, downsampler);
    }

    MidBlock mid() {
        Weights block = root.at("mid_block");
        int level = layout.levels() - 1;
        int width = layout.width(level);
        UNetUnit unit = unit(block, 0, level, width, true);
        return new MidBlock(unit, resnet(block, 1, width, width), factory.tempConv(block, 1, level));
    }

    UpBlock up(int index) {
        Weights block = root.at("up_blocks." + index);
        int level = layout.levels() - 1 - index;
        List<UNetUnit> units = IntStream.rangeClosed(0, layout.layers().get(level))
                .mapToObj(j -> unit(
                        block,
                        j,
                        level,
                        layout.enteringUp(level, j),
                        layout.upAttention().get(level)))
                .toList();
        Optional<Upsample2d> upsampler = level == 0
                ? Optional.empty()
                : Optional.of(new Upsample2d(block.at("upsamplers.0"), layout.width(level), layout.inflation()));
        return new UpBlock(units, upsampler);
    }

    private UNetUnit unit(Weights block, int index, int level, int in, boolean attends) {
        Optional<Transformer2dModel> attention =
                attends ? Optional.of(factory.attention(block, index, level)) : Optional.empty();
        attention.ifPresent(transformer -> crossAttentions.addAll(transformer.crossAttentions()));
        return new UNetUnit(
                resnet(block, index, in, layout.width(level)),
                factory.tempConv(block, index, level),
                attention,
                attends ? factory.tempAttention(block, index, level) : Optional.empty());
    }

    private ResnetBlock2d resnet(Weights block, int index, int in, int out) {
        ResnetBlock2d.Sizes sizes =
                new ResnetBlock2d.Sizes(in, out, OptionalInt.of(layout.shiftWidth()), layout.groups(), layout.eps());
        ResnetBlock2d resnet = new ResnetBlock2d(block.at("resnets." + index), sizes, layout.inflation());
        resnets.add(resnet);
        return resnet;
    }
}
