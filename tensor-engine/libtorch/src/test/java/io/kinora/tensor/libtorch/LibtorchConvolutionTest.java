package io.kinora.tensor.libtorch;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.TorchRandom;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Large 3×3 convolutions over channels-last memory take fewer products than the definition: held against it in double precision. */
class LibtorchConvolutionTest {
    private static Engine engine;

    @BeforeAll
    static void openEngine() {
        engine = Engines.open(LibtorchProvider.NAME, Device.CPU);
    }

    @AfterAll
    static void closeEngine() {
        engine.close();
    }

    private static Tensor channelsLast(Tensor x) {
        return x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
    }

    private static Tensor convolved(Tensor x, Tensor weight, Optional<Tensor> bias) {
        return engine.conv2d(x, weight, bias, 1, 1);
    }

    /** Largest difference to the definition in double precision, in parts of the largest value. */
    private static double error(Tensor got, Tensor x, Tensor weight, Optional<Tensor> bias) {
        float[] exact = convolved(x.to(DType.F64), weight.to(DType.F64), bias.map(values -> values.to(DType.F64)))
                .toFloats();
        float[] values = got.toFloats();
        assertThat(values).hasSameSizeAs(exact);
        double worst = 0;
        double peak = 0;
        for (int i = 0; i < exact.length; i++) {
            worst = Math.max(worst, Math.abs(values[i] - exact[i]));
            peak = Math.max(peak, Math.abs(exact[i]));
        }
        return worst / peak;
    }

    @ParameterizedTest(name = "{0} images of {1} x {2}, {3} to {4} channels")
    @CsvSource({
        "1, 32, 32, 192, 192", // whole tiles
        "1, 37, 43, 192, 200", // tiles over the edge
        "3, 20, 23, 256, 128", // images alone in their group
        "70, 4, 4, 192, 192", // groups of several images, the last one smaller
        "2, 16, 128, 512, 96", // groups of some rows
        "1, 32, 32, 640, 900" // kernels in parts
    })
    void fewerProductsGiveTheSameSums(int images, int height, int width, int in, int out) {
        try (Scope scope = engine.scope()) {
            TorchRandom random = new TorchRandom(11);
            Tensor x = channelsLast(random.normal(engine, images, in, height, width));
            Tensor weight = random.normal(engine, out, in, 3, 3);
            Optional<Tensor> bias = Optional.of(random.normal(engine, out));

            Tensor sums = convolved(x, weight, bias);

            assertThat(sums.shape().toArray()).containsExactly(images, out, height, width);
            assertThat(error(sums, x, weight, bias)).isLessThan(1e-5);
            assertThat(error(convolved(x, weight, Optional.empty()), x, weight, Optional.empty()))
                    .isLessThan(1e-5);
        }
    }

    @Test
    void theOrderInMemoryDecidesTheWayButOnlyTheRoundingTells() {
        try (Scope scope = engine.scope()) {
            TorchRandom random = new TorchRandom(12);
            Tensor plain = random.normal(engine, 1, 192, 36, 36);
            Tensor weight = random.normal(engine, 192, 192, 3, 3);

            Tensor direct = convolved(plain, weight, Optional.empty());
            Tensor fewer = convolved(channelsLast(plain), weight, Optional.empty());

            assertThat(error(direct, plain, weight, Optional.empty()))
                    .isPositive()
                    .isLessThan(2e-6);
            assertThat(fewer.sub(direct).toFloats())
                    .as("the other way was really taken")
                    .isNotEqualTo(new float[(int) fewer.shape().elements()]);
            assertThat(error(fewer, plain, weight, Optional.empty())).isLessThan(1e-5);
        }
    }

    @Test
    void valuesFarFromZeroLoseNoMoreThanTheirSizeCosts() {
        try (Scope scope = engine.scope()) {
            TorchRandom random = new TorchRandom(13);
            Tensor x = channelsLast(random.normal(engine, 1, 192, 32, 32).add(1000));
            Tensor weight = random.normal(engine, 192, 192, 3, 3);

            assertThat(error(convolved(x, weight, Optional.empty()), x, weight, Optional.empty()))
                    .isLessThan(1e-5);
        }
    }
}
