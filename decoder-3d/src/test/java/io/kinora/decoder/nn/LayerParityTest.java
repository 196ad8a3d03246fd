package io.kinora.decoder.nn;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each layer against the official class. */
class LayerParityTest extends WithEngine {
    private static Fixture fixture(String name) {
        return Fixture.of(engine(), "blocks", name);
    }

    private static Weights weights() {
        return FillRule.uniform(engine());
    }

    @Test
    void aResnetBlockMatches() {
        Fixture fixture = fixture("resnet");
        ResnetBlock2d block = new ResnetBlock2d(
                weights(), new ResnetBlock2d.Sizes(8, 16, OptionalInt.of(32), 4, 1e-5), Conv2d.Inflation.SPATIAL);
        try (TimeSchedule times = TimeSchedule.of(fixture.tensor("emb"), 2, List.of(block))) {
            fixture.assertMatches("y", block.forward(fixture.tensor("x"), 2, times.step(0)));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void aTemporalConvolutionMatches(int frames) {
        Fixture fixture = fixture("temporal_conv_" + frames);
        fixture.assertMatches("y", new TemporalConvLayer(weights(), 16, 4).forward(fixture.tensor("x"), frames));
    }

    @Test
    void aSpatialTransformerWithLinearProjectionsMatches() {
        assertSpatialTransformerMatches("transformer2d_linear", 4, 1, true);
    }

    @Test
    void aDeepSpatialTransformerWithConvolutionalProjectionsMatches() {
        assertSpatialTransformerMatches("transformer2d_conv", 2, 2, false);
    }

    private static void assertSpatialTransformerMatches(String name, int heads, int depth, boolean linear) {
        Fixture fixture = fixture(name);
        Transformer2dModel transformer = new Transformer2dModel(
                weights(),
                new Transformer2dModel.Sizes(
                        16, 4, heads, 16 / heads, depth, OptionalInt.of(12), linear, FrameReach.OWN_FRAME));
        Tensor context = fixture.tensor("context");
        Tensor y = transformer.forward(fixture.tensor("x"), 3, attention -> attention.project(context));
        fixture.assertMatches("y", y);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void aTemporalTransformerMatches(int frames) {
        Fixture fixture = fixture("transformer_temporal_" + frames);
        TransformerTemporalModel transformer = new TransformerTemporalModel(weights(), 16, 4, 3, 8);
        fixture.assertMatches("y", transformer.forward(fixture.tensor("x"), frames));
    }

    @Test
    void aTransformerBlockMatches() {
        Fixture fixture = fixture("basic_transformer_block");
        BasicTransformerBlock block = new BasicTransformerBlock(weights(), 2, 8, 12);
        CrossAttention.KeyValue context = block.crossAttention().project(fixture.tensor("context"));
        fixture.assertMatches("y", block.forward(fixture.tensor("x"), 1, FrameReach.OWN_FRAME, Optional.of(context)));
    }

    @Test
    void downsamplingAnOddSizeMatches() {
        Fixture fixture = fixture("downsample");
        Downsample2d layer = Downsample2d.symmetric(weights(), 8, Conv2d.Inflation.SPATIAL);
        fixture.assertMatches("y", layer.forward(fixture.tensor("x"), 1));
    }

    @Test
    void downsamplingWithPaddingAtTheEndMatches() {
        Fixture fixture = fixture("downsample_pad_end");
        fixture.assertMatches("y", Downsample2d.padEnd(weights(), 8).forward(fixture.tensor("x"), 1));
    }

    @Test
    void doublingMatches() {
        Fixture fixture = fixture("upsample");
        Upsample2d layer = new Upsample2d(weights(), 8, Conv2d.Inflation.SPATIAL);
        fixture.assertMatches("y", layer.forward(fixture.tensor("x"), 1, 10, 14));
    }

    @Test
    void upsamplingToAnExactSizeMatches() {
        Fixture fixture = fixture("upsample_to_9x13");
        Upsample2d layer = new Upsample2d(weights(), 8, Conv2d.Inflation.SPATIAL);
        fixture.assertMatches("y", layer.forward(fixture.tensor("x"), 1, 9, 13));
    }

    @Test
    void aTimestepEmbeddingMatches() {
        Fixture fixture = fixture("timestep_embedding");
        fixture.assertMatches("y", new TimestepEmbedding(weights(), 8, 32).forward(fixture.tensor("x")));
    }
}
