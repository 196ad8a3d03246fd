package io.kinora.tensor.libtorch;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.QuantizedWeight;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.conformance.QuantizationConformance;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class LibtorchQuantizationTest extends QuantizationConformance {
    private static final int CHANNELS = 320;
    private static final int OUTPUTS = 96;

    @Override
    protected Engine open() {
        return Engines.open(LibtorchProvider.NAME, Device.CPU);
    }

    @Test
    void anInt8ProductDoesNotDependOnTheRowsBesideIt() {
        try (Scope scope = engine().scope();
                QuantizedWeight weight = int8()) {
            Tensor rows = normal(40, CHANNELS);
            float[] together = engine().linear(rows, weight, Optional.empty()).toFloats();
            for (int row : new int[] {0, 7, 39}) {
                float[] alone = engine().linear(rows.slice(0, row, row + 1), weight, Optional.empty())
                        .toFloats();
                for (int o = 0; o < OUTPUTS; o++) {
                    assertThat(alone[o]).isEqualTo(together[row * OUTPUTS + o]);
                }
            }
        }
    }

    @Test
    void anInt8ProductIsAsCloseAsOneInSinglePrecisionAlsoBesideAnOutlier() {
        try (Scope scope = engine().scope();
                QuantizedWeight weight = int8()) {
            Tensor rows =
                    engine().cat(List.of(normal(5, CHANNELS - 1), normal(5, 1).mul(30)), 1);
            float[] want =
                    engine().linear(rows, weight.dequantize(), Optional.empty()).toFloats();
            float[] got = engine().linear(rows, weight, Optional.empty()).toFloats();
            double peak = 0;
            double worst = 0;
            for (int i = 0; i < want.length; i++) {
                peak = Math.max(peak, Math.abs(want[i]));
                worst = Math.max(worst, Math.abs(want[i] - got[i]));
            }
            assertThat(worst / peak).isLessThan(2e-6);
        }
    }

    private QuantizedWeight int8() {
        return engine().quantize(normal(OUTPUTS, CHANNELS), new Quantization.Int8PerChannel());
    }

    private Tensor normal(int rows, int columns) {
        RandomGenerator random = new Random(rows * 31L + columns);
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return engine().of(values, rows, columns);
    }
}
