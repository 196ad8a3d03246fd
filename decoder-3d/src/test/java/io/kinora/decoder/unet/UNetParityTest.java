package io.kinora.decoder.unet;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.decoder.nn.FillRule;
import io.kinora.decoder.nn.Fixture;
import io.kinora.decoder.nn.TimeSchedule;
import io.kinora.decoder.nn.WithEngine;
import io.kinora.tensor.DType;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Blocks and whole U-Nets against the official classes. */
class UNetParityTest extends WithEngine {
    private static final UNet3dConfig BLOCKS = new UNet3dConfig(
            4, 4, List.of(8, 16, 16), 1, List.of(true, true, true), List.of(true, true, true), 4, 1e-5, 12, 4, 32);

    static Stream<String> videoCases() {
        return Fixture.names("unet3d").stream();
    }

    static Stream<String> imageCases() {
        return Fixture.names("unet2d").stream();
    }

    @ParameterizedTest
    @MethodSource("videoCases")
    void theVideoNetworkMatches(String name) {
        Fixture fixture = Fixture.of(engine(), "unet3d", name);
        UNet3dConditionModel unet =
                new UNet3dConditionModel(UNet3dConfig.of(fixture.module()), FillRule.uniform(engine()));
        assertMatches(fixture, unet, UNetPrompt.of(fixture.tensor("context")));
    }

    @ParameterizedTest
    @MethodSource("imageCases")
    void theImageNetworkMatches(String name) {
        Fixture fixture = Fixture.of(engine(), "unet2d", name);
        UNet2dConditionModel unet =
                new UNet2dConditionModel(UNet2dConfig.of(fixture.module()), FillRule.uniform(engine()));
        assertMatches(fixture, unet, imagePrompt(fixture));
    }

    private static UNetPrompt imagePrompt(Fixture fixture) {
        if (fixture.has("labels")) {
            return UNetPrompt.ofClass(fixture.tensor("labels"));
        }
        return fixture.has("time_ids")
                ? UNetPrompt.of(fixture.tensor("context"), fixture.tensor("text_embeds"), fixture.tensor("time_ids"))
                : UNetPrompt.of(fixture.tensor("context"));
    }

    private static void assertMatches(Fixture fixture, DenoisingUNet unet, UNetPrompt prompt) {
        JsonNode times = fixture.config().get("timesteps");
        double[] timesteps = new double[times.size()];
        for (int i = 0; i < timesteps.length; i++) {
            timesteps[i] = times.get(i).asDouble();
        }
        try (Conditioning conditioning = unet.condition(prompt);
                TimeSchedule schedule = timesteps.length == 1
                        ? unet.embedTime(conditioning, timesteps)
                        : unet.embedTimePerSample(conditioning, timesteps)) {
            Tensor prediction = unet.forward(fixture.tensor("sample"), schedule.step(0), conditioning);
            fixture.assertMatches("y", prediction);
        }
    }

    /** The blocks of level 1 of three, on their own. */
    private static final class Block {
        private final Fixture fixture;
        private final UNetBuilder builder;

        Block(String name) {
            this.fixture = Fixture.of(engine(), "blocks", name);
            this.builder = new UNetBuilder(
                    UNet3dConditionModel.layout(BLOCKS),
                    new UNet3dConditionModel.Units(BLOCKS),
                    FillRule.uniform(engine()));
        }

        UNetState state(Tensor... skips) {
            return new UNetState(fixture.tensor("x"), List.of(skips), 3);
        }

        Conditioning conditioning(Scope scope) {
            Optional<Tensor> context = Optional.of(fixture.tensor("context"));
            return Conditioning.of(scope, context, builder.crossAttentions(), Optional.empty(), Optional.empty());
        }

        TimeSchedule times() {
            return TimeSchedule.of(fixture.tensor("emb"), 2, builder.resnets());
        }
    }

    @Test
    void aDownBlockMatches() {
        Block block = new Block("cross_attn_down_block");
        DownBlock down = block.builder.down(1);
        try (Scope scope = engine().scope();
                Conditioning conditioning = block.conditioning(scope);
                TimeSchedule times = block.times()) {
            UNetState state = down.forward(block.state(), times.step(0), conditioning);
            block.fixture.assertMatches("skip0", state.skips().get(0));
            block.fixture.assertMatches("y", state.hidden());
            assertThat(state.skips()).hasSize(2);
        }
    }

    @Test
    void theMidBlockMatches() {
        Block block = new Block("mid_block");
        MidBlock mid = block.builder.mid();
        try (Scope scope = engine().scope();
                Conditioning conditioning = block.conditioning(scope);
                TimeSchedule times = block.times()) {
            block.fixture.assertMatches(
                    "y", mid.forward(block.state(), times.step(0), conditioning).hidden());
        }
    }

    @Test
    void anUpBlockThatGrowsToTheNextSkipMatches() {
        Block block = new Block("cross_attn_up_block");
        UpBlock up = block.builder.up(1);
        Tensor sizeOfTheNext = engine().zeros(DType.F32, 1, 1, 3, 5);
        UNetState start = block.state(sizeOfTheNext, block.fixture.tensor("skip0"), block.fixture.tensor("skip1"));
        try (Scope scope = engine().scope();
                Conditioning conditioning = block.conditioning(scope);
                TimeSchedule times = block.times()) {
            UNetState state = up.forward(start, times.step(0), conditioning);
            block.fixture.assertMatches("y", state.hidden());
            assertThat(state.skips()).containsExactly(sizeOfTheNext);
        }
    }
}
