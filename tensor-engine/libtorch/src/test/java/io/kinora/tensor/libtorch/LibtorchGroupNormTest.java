package io.kinora.tensor.libtorch;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.TorchRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Group norm over channels-last memory keeps its digits wherever the values lie; single precision against double. */
class LibtorchGroupNormTest {
    private static final int CHANNELS = 16;
    private static final int GROUPS = 4;
    private static final double EPS = 1e-6;

    private static Engine engine;

    @BeforeAll
    static void openEngine() {
        engine = Engines.open(LibtorchProvider.NAME, Device.CPU);
    }

    @AfterAll
    static void closeEngine() {
        engine.close();
    }

    @ParameterizedTest
    @CsvSource({"0, 1, 1", "0, 3, 5", "30, 3, 5", "1, 64, 64", "30, 64, 64", "-300, 64, 64"})
    void channelsLastIsAsExactAsThePlainOrder(double mean, int height, int width) {
        try (Scope scope = engine.scope()) {
            TorchRandom random = new TorchRandom(3);
            Tensor weight = random.normal(engine, CHANNELS);
            Tensor bias = random.normal(engine, CHANNELS);
            Tensor rows = random.normal(engine, 2, height, width, CHANNELS).add(mean);
            Tensor exact = engine.groupNorm(
                    rows.permute(0, 3, 1, 2).contiguous().to(DType.F64),
                    GROUPS,
                    weight.to(DType.F64),
                    bias.to(DType.F64),
                    EPS);

            Tensor normed = engine.groupNorm(rows.permute(0, 3, 1, 2), GROUPS, weight, bias, EPS);
            Tensor clip = engine.groupNorm(rows.permute(0, 3, 1, 2).unsqueeze(2), GROUPS, weight, bias, EPS);

            float lost = (float) (Math.abs(mean) * Math.ulp(1f));
            float[] expected = exact.to(DType.F32).toFloats();
            assertThat(normed.toFloats())
                    .usingComparatorWithPrecision(1e-5f + 4 * lost)
                    .containsExactly(expected);
            assertThat(clip.toFloats())
                    .usingComparatorWithPrecision(1e-5f + 4 * lost)
                    .containsExactly(expected);
        }
    }
}
