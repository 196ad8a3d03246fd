package io.kinora.tensor.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kinora.tensor.DType;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.QuantizedWeight;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Shape;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A quantised weight stays within its scheme's error, and a product with it equals the product with what it stands for. */
public abstract class QuantizationConformance extends EngineSuite {
    private static final int MANY = 16;
    private static final int SEED = 7;

    private static Stream<Quantization> schemes() {
        return Stream.of(
                new Quantization.Int8PerChannel(),
                new Quantization.Int4Groups(32),
                new Quantization.Int4Groups(64),
                new Quantization.Int4Groups(128),
                new Quantization.Int4Groups(256));
    }

    private static float[] normal(int count, double scale) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextGaussian() * scale);
        }
        return values;
    }

    /** Rows of unlike size, one all zeros and one constant. */
    private Tensor weight(int outputs, int inputs) {
        float[] values = normal(outputs * inputs, 0.05);
        for (int c = 0; c < inputs; c++) {
            values[c] = 0;
            values[inputs + c] = 0.25f;
            values[2 * inputs + c] *= 40;
        }
        return engine().of(values, outputs, inputs);
    }

    @ParameterizedTest
    @MethodSource("schemes")
    final void staysWithinHalfAStepOfTheWeight(Quantization scheme) {
        try (Scope scope = engine().scope()) {
            Tensor weight = weight(19, 512);
            try (QuantizedWeight quantized = engine().quantize(weight, scheme)) {
                assertThat(quantized.scheme()).isEqualTo(scheme);
                assertThat(quantized.shape()).isEqualTo(Shape.of(19, 512));
                int group = scheme instanceof Quantization.Int4Groups groups ? groups.groupSize() : 512;
                double steps = scheme instanceof Quantization.Int4Groups ? 15 : 254;
                float[] exact = weight.toFloats();
                float[] approximate = quantized.dequantize().toFloats();
                for (int from = 0; from < exact.length; from += group) {
                    double low = 0;
                    double high = 0;
                    for (int i = from; i < from + group; i++) {
                        low = Math.min(low, exact[i]);
                        high = Math.max(high, exact[i]);
                    }
                    // int8 is symmetric; scales and zero points may be kept in bf16.
                    double range = steps == 15 ? high - low : 2 * Math.max(high, -low);
                    double allowed = range / steps * 0.5 + 0x1p-8 * Math.max(high, -low);
                    for (int i = from; i < from + group; i++) {
                        assertThat(Math.abs(exact[i] - approximate[i]))
                                .as("element %d", i)
                                .isLessThanOrEqualTo((float) allowed);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("schemes")
    final void takesAQuarterOrAnEighthOfTheMemory(Quantization scheme) {
        try (Scope scope = engine().scope();
                QuantizedWeight quantized = engine().quantize(weight(64, 1024), scheme)) {
            double bitsPerElement = 8.0 * quantized.bytes() / (64 * 1024);
            assertThat(bitsPerElement).isBetween(4.0, scheme instanceof Quantization.Int4Groups ? 6.0 : 8.5);
        }
    }

    static Stream<Arguments> products() {
        return schemes().flatMap(scheme -> ConformanceCase.types()
                .filter(dtype -> dtype != DType.F64)
                .flatMap(dtype -> Stream.of(1, 3, 70).map(tokens -> Arguments.of(scheme, dtype, tokens))));
    }

    @ParameterizedTest(name = "{0} on {2} tokens in {1}")
    @MethodSource("products")
    final void givesTheProductWithTheWeightItStandsFor(Quantization scheme, DType dtype, int tokens) {
        try (Scope scope = engine().scope()) {
            for (int outputs : List.of(16, 19, 64)) {
                Tensor weight = weight(outputs, 512);
                Tensor bias = engine().of(normal(outputs, 1), outputs);
                Tensor x = engine().of(normal(tokens * 512, 1), 1, tokens, 512).to(dtype);
                try (QuantizedWeight quantized = engine().quantize(weight, scheme)) {
                    Tensor expected = engine().linear(x.to(DType.F32), quantized.dequantize(), Optional.of(bias));
                    Tensor actual = engine().linear(x, quantized, Optional.of(bias.to(dtype)));
                    assertThat(actual.dtype()).isEqualTo(dtype);
                    assertThat(actual.shape()).isEqualTo(Shape.of(1, tokens, outputs));
                    // Few rows may be rounded to BF16.
                    Tolerance tolerance = Tolerance.of(tokens < MANY ? DType.BF16 : dtype);
                    tolerance.assertClose("with bias", expected.toFloats(), actual.toFloats());
                    tolerance.assertClose(
                            "without bias",
                            expected.sub(bias).toFloats(),
                            engine().linear(x, quantized, Optional.empty()).toFloats());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("schemes")
    final void isRestoredFromItsPartsToTheLastBit(Quantization scheme) {
        try (Scope scope = engine().scope();
                QuantizedWeight made = engine().quantize(weight(19, 512), scheme)) {
            assertThat(engine().layout(scheme))
                    .isEqualTo(engine().layout(scheme))
                    .startsWith(engine().name());
            Map<String, Tensor> copies = new HashMap<>();
            made.parts()
                    .forEach((name, part) -> copies.put(
                            name,
                            scope.detach(
                                    engine().copyOf(ByteBuffer.wrap(part.toBytes()), part.dtype(), part.shape()))));
            try (QuantizedWeight restored = engine().restore(scheme, made.shape(), copies)) {
                assertThat(restored.scheme()).isEqualTo(scheme);
                assertThat(restored.shape()).isEqualTo(made.shape());
                assertThat(restored.bytes()).isEqualTo(made.bytes());
                assertThat(restored.dequantize().toFloats())
                        .containsExactly(made.dequantize().toFloats());
                for (int tokens : List.of(1, 70)) {
                    Tensor x = engine().of(normal(tokens * 512, 1), tokens, 512);
                    assertThat(engine().linear(x, restored, Optional.empty()).toFloats())
                            .containsExactly(
                                    engine().linear(x, made, Optional.empty()).toFloats());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("schemes")
    final void refusesThePartsOfAnotherWeight(Quantization scheme) {
        try (Scope scope = engine().scope();
                QuantizedWeight made = engine().quantize(weight(19, 512), scheme)) {
            assertThatThrownBy(() -> engine().restore(scheme, Shape.of(99, 512), made.parts()))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageContaining("restore");
            assertThatThrownBy(() -> engine().restore(scheme, made.shape(), Map.of()))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageContaining("codes");
        }
    }

    @Test
    final void belongsToItsMakerAndNotToAScope() {
        QuantizedWeight quantized;
        try (Scope scope = engine().scope()) {
            quantized = engine().quantize(weight(16, 64), new Quantization.Int8PerChannel());
        }
        try (Scope scope = engine().scope()) {
            assertThat(quantized.dequantize().shape()).isEqualTo(Shape.of(16, 64));
            quantized.close();
            quantized.close();
            assertThatThrownBy(quantized::dequantize).isInstanceOf(IllegalStateException.class);
            Tensor x = engine().zeros(DType.F32, 1, 64);
            assertThatThrownBy(() -> engine().linear(x, quantized, Optional.empty()))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    final void quantisesWeightsOfEveryFloatingPointType() {
        try (Scope scope = engine().scope()) {
            for (DType dtype : List.of(DType.BF16, DType.F16, DType.F64)) {
                Tensor weight = weight(16, 64).to(dtype);
                try (QuantizedWeight quantized = engine().quantize(weight, new Quantization.Int8PerChannel())) {
                    float[] exact = weight.toFloats();
                    Tolerance eighth = new Tolerance(0.01);
                    eighth.assertClose(
                            dtype.name(), exact, quantized.dequantize().toFloats());
                }
            }
        }
    }
}
