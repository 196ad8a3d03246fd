package io.kinora.decoder.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kinora.decoder.nn.FillRule;
import io.kinora.decoder.nn.Golden;
import io.kinora.decoder.nn.ModuleConfig;
import io.kinora.decoder.nn.WithEngine;
import io.kinora.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** The tiny text encoder of the specification's golden vectors. */
class ClipTextGoldenTest extends WithEngine {
    private static final double[] NONE = {};

    private static ClipTextOutput encode(String activation) {
        ClipTextConfig config = ClipTextConfig.of(ModuleConfig.parse("golden", """
                {"vocab_size": 20, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 3,
                 "num_attention_heads": 4, "max_position_embeddings": 8, "eos_token_id": 2, "hidden_act": "%s"}""".formatted(activation)));
        Tensor ids = engine().of(new long[] {18, 3, 7, 11, 19, 0, 0, 0}, 1, 8);
        return new ClipTextModel(config, FillRule.of(engine())).forward(ids);
    }

    @Test
    void theEncoderWithGeluHasItsGoldenValues() {
        ClipTextOutput output = encode("gelu");
        double[] last = {-1.246878, -0.713073, -0.35319, -0.283077};
        double[] penultimate = {-2.040239, -1.312146, -0.846717, -0.834257};
        double[] pooled = {-1.34533, -0.911926, -0.202015, 0.330622};
        Golden.assertMatches(output.lastHiddenState(), 128, -4.405327, 110.153423, last, NONE);
        Golden.assertMatches(output.penultimateHiddenState(), 128, 15.219907, 418.743090, penultimate, NONE);
        assertStartsWith(output.pooled(), pooled);
        assertThat(sum(output.pooled())).isCloseTo(-0.389420, within(1e-4));
        assertThat(output.textEmbeds()).isEmpty();
    }

    @Test
    void theEncoderWithQuickGeluHasItsGoldenValues() {
        ClipTextOutput output = encode("quick_gelu");
        double[] last = {-1.246922, -0.713091, -0.353173, -0.283045};
        double[] pooled = {-1.345728, -0.912803, -0.202932, 0.330125};
        Golden.assertMatches(output.lastHiddenState(), 128, -4.405894, 110.158587, last, NONE);
        assertThat(sum(output.penultimateHiddenState())).isCloseTo(15.215608, within(2e-4));
        assertStartsWith(output.pooled(), pooled);
    }

    private static void assertStartsWith(Tensor actual, double... expected) {
        float[] values = actual.toFloats();
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) values[i]).as("element %d", i).isCloseTo(expected[i], within(2e-5));
        }
    }

    private static double sum(Tensor tensor) {
        double sum = 0;
        for (float value : tensor.toFloats()) {
            sum += value;
        }
        return sum;
    }
}
