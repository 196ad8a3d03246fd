package io.kinora.tensor.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kinora.tensor.DType;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Shape;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every element type goes in and out byte for byte, moves through views, and converts as the formats define. */
public abstract class TypeConformance extends EngineSuite {
    private static final Shape SHAPE = Shape.of(2, 3);
    private static final byte[] NOTHING = {};

    /** Six elements whose bytes all differ; for booleans zeros and ones. */
    private static byte[] elements(DType dtype) {
        byte[] bytes = new byte[6 * dtype.bytes()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (dtype == DType.BOOL ? i % 2 : i * 5 + 3);
        }
        return bytes;
    }

    private static ByteBuffer direct(byte[] bytes, int offset) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length + offset);
        buffer.put(offset, bytes);
        return buffer.position(offset);
    }

    @ParameterizedTest
    @EnumSource
    final void givesBackTheBytesItWasMadeFrom(DType dtype) {
        byte[] bytes = elements(dtype);
        ByteBuffer surrounded = ByteBuffer.allocate(bytes.length + 7).put(3, bytes);
        List<ByteBuffer> buffers = List.of(
                ByteBuffer.wrap(bytes),
                ByteBuffer.wrap(bytes).asReadOnlyBuffer(),
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN),
                surrounded.position(3).limit(3 + bytes.length),
                direct(bytes, 0),
                direct(bytes, 1).asReadOnlyBuffer());
        try (Scope scope = engine().scope()) {
            for (ByteBuffer buffer : buffers) {
                int position = buffer.position();
                for (Tensor made :
                        List.of(engine().copyOf(buffer, dtype, SHAPE), engine().wrap(buffer, dtype, SHAPE))) {
                    assertThat(made.dtype()).isEqualTo(dtype);
                    assertThat(made.shape()).isEqualTo(SHAPE);
                    assertThat(made.toBytes()).isEqualTo(bytes);
                }
                assertThat(buffer.position()).isEqualTo(position);
            }
        }
    }

    @Test
    final void oneNumberWithoutAxesIsComputedLikeMany() {
        try (Scope scope = engine().scope()) {
            Tensor three = engine().of(new float[] {1, 2, 3}, 3).select(0, 2);
            List<Tensor> results = List.of(
                    three.add(1),
                    three.mul(2),
                    three.clamp(0, 1),
                    three.add(three),
                    three.mul(three),
                    three.add(engine().full(2, DType.F32, 1)).squeeze(0),
                    engine().full(-3, DType.F32).leakyRelu(0.5),
                    three.relu(),
                    engine().full(2.5, DType.F32).round(),
                    engine().full(1, DType.F32).mulInPlace(5).addInPlace(three));
            assertThat(results).allSatisfy(result -> assertThat(result.shape()).isEqualTo(Shape.of()));
            assertThat(results.stream().map(result -> result.toFloats()[0]))
                    .containsExactly(4f, 6f, 1f, 6f, 9f, 5f, -1.5f, 3f, 2f, 8f);
        }
    }

    @ParameterizedTest
    @EnumSource
    final void movesThroughViewsAndJoins(DType dtype) {
        byte[] bytes = elements(dtype);
        int each = dtype.bytes();
        byte[] column = new byte[2 * each];
        System.arraycopy(bytes, each, column, 0, each);
        System.arraycopy(bytes, 4 * each, column, each, each);
        try (Scope scope = engine().scope()) {
            Tensor tensor = engine().copyOf(ByteBuffer.wrap(bytes), dtype, SHAPE);
            assertThat(tensor.transpose(0, 1).contiguous().transpose(0, 1).toBytes())
                    .isEqualTo(bytes);
            assertThat(tensor.select(1, 1).toBytes()).isEqualTo(column);
            assertThat(engine().cat(tensor.chunk(2, 0), 0).toBytes()).isEqualTo(bytes);
            assertThat(engine().stack(List.of(tensor.select(0, 0), tensor.select(0, 1)), 0)
                            .toBytes())
                    .isEqualTo(bytes);
            Tensor copy = engine().zeros(dtype, 2, 3);
            assertThat(copy.copyFrom(tensor).toBytes()).isEqualTo(bytes);
        }
    }

    @ParameterizedTest
    @EnumSource
    final void makesZerosAndOnesOfEveryType(DType dtype) {
        try (Scope scope = engine().scope()) {
            Tensor zeros = engine().zeros(dtype, 3);
            Tensor ones = engine().full(1, dtype, 3);
            assertThat(zeros.dtype()).isEqualTo(dtype);
            assertThat(ones.dtype()).isEqualTo(dtype);
            assertThat(zeros.toFloats()).containsExactly(0, 0, 0);
            assertThat(ones.toFloats()).containsExactly(1, 1, 1);
            assertThat(engine().zeros(dtype, 0, 3).toBytes()).isEqualTo(NOTHING);
        }
    }

    static Stream<Arguments> pairsOfTypes() {
        return Stream.of(DType.values())
                .flatMap(from -> Stream.of(DType.values()).map(to -> Arguments.of(from, to)));
    }

    @ParameterizedTest(name = "{0} to {1}")
    @MethodSource("pairsOfTypes")
    final void convertsSmallWholeNumbersExactlyBetweenAllTypes(DType from, DType to) {
        boolean truth = from == DType.BOOL || to == DType.BOOL;
        float[] values = truth ? new float[] {0, 1, 1} : new float[] {0, 3, 14};
        try (Scope scope = engine().scope()) {
            Tensor converted = engine().of(values, 3).to(from).to(to);
            assertThat(converted.dtype()).isEqualTo(to);
            assertThat(converted.toFloats()).containsExactly(values);
        }
    }

    @Test
    final void roundsToNearestEvenWhenNarrowing() {
        float[] values = {1 + 0x1p-8f, 1 + 0x3p-8f, -1 - 0x1p-8f, 0x1p-24f, 65519f};
        try (Scope scope = engine().scope()) {
            Tensor tensor = engine().of(values, 5);
            assertThat(tensor.to(DType.BF16).toFloats()).containsExactly(1, 1 + 0x2p-7f, -1, 0x1p-24f, 65536);
            assertThat(tensor.to(DType.F16).toFloats())
                    .containsExactly(1 + 0x1p-8f, 1 + 0x3p-8f, -1 - 0x1p-8f, 0x1p-24f, 65504);
            assertThat(engine().of(new float[] {1.0625f, 1.1875f, -448}, 3)
                            .to(DType.F8_E4M3)
                            .toFloats())
                    .containsExactly(1, 1.25f, -448);
            assertThat(engine().of(new float[] {1.125f, 1.375f, 57344}, 3)
                            .to(DType.F8_E5M2)
                            .toFloats())
                    .containsExactly(1, 1.5f, 57344);
        }
    }

    @Test
    final void readsWholeNumbersBeyondTheRangeOfDoubles() {
        long[] values = {Long.MAX_VALUE, Long.MIN_VALUE, (1L << 53) + 1};
        try (Scope scope = engine().scope()) {
            assertThat(engine().of(values, 3).toLongs()).containsExactly(values);
            assertThat(engine().arange((1L << 53) + 1, (1L << 53) + 3).toLongs())
                    .containsExactly((1L << 53) + 1, (1L << 53) + 2);
            assertThat(engine().full((double) (1L << 40), DType.I64, 1).toLongs())
                    .containsExactly(1L << 40);
        }
    }

    @Test
    final void readsAnyNonzeroByteAsTrue() {
        ByteBuffer bytes = direct(new byte[] {0, 1, 2, -1}, 0);
        try (Scope scope = engine().scope()) {
            for (Tensor made : List.of(
                    engine().copyOf(bytes, DType.BOOL, Shape.of(4)), engine().wrap(bytes, DType.BOOL, Shape.of(4)))) {
                assertThat(made.toLongs()).containsExactly(0, 1, 1, 1);
                assertThat(made.toBytes()).containsExactly(0, 1, 1, 1);
            }
        }
    }

    @Test
    final void keepsIntegersIntegersUnderWholeNumbers() {
        try (Scope scope = engine().scope()) {
            Tensor ids = engine().arange(1, 4);
            assertThat(ids.add(2).toLongs()).containsExactly(3, 4, 5);
            assertThat(ids.mul(-3).toLongs()).containsExactly(-3, -6, -9);
            assertThat(ids.clamp(2, 9).toLongs()).containsExactly(2, 2, 3);
            assertThat(ids.mul(0.5).dtype()).isEqualTo(DType.F32);
            assertThat(ids.mul(0.5).toFloats()).containsExactly(0.5f, 1, 1.5f);
            assertThat(ids.add(engine().full(0.25, DType.F32, 3)).toFloats()).containsExactly(1.25f, 2.25f, 3.25f);
            assertThat(ids.to(DType.BF16).mul(0.5).dtype()).isEqualTo(DType.BF16);
        }
    }

    @Test
    final void promotesBinaryOperandsAsPyTorchDoes() {
        try (Scope scope = engine().scope()) {
            Tensor wide = engine().full(1.5, DType.F32, 2);
            Tensor narrow = wide.to(DType.BF16);
            assertThat(wide.add(narrow).dtype()).isEqualTo(DType.F32);
            assertThat(narrow.mul(wide.to(DType.F16)).dtype()).isEqualTo(DType.F32);
            assertThat(narrow.mul(engine().arange(0, 2)).dtype()).isEqualTo(DType.BF16);
        }
    }

    @Test
    final void writesIntoAViewOfAnotherType() {
        try (Scope scope = engine().scope()) {
            Tensor cache = engine().zeros(DType.BF16, 2, 4);
            cache.slice(1, 1, 3).copyFrom(engine().of(new float[] {1, 2}, 2));
            assertThat(cache.toFloats()).containsExactly(0, 1, 2, 0, 0, 1, 2, 0);
        }
    }

    @Test
    final void adoptsTensorsOfItsOwnWithoutACopy() {
        try (Scope scope = engine().scope()) {
            Tensor tensor = engine().arange(0, 3);
            assertThat(engine().adopt(tensor)).isSameAs(tensor);
            assertThat(tensor.contiguous()).isSameAs(tensor);
            assertThat(tensor.to(DType.I64)).isSameAs(tensor);
        }
    }

    @Test
    final void refusesSizesThatCannotBe() {
        assertThatThrownBy(() -> engine().zeros(DType.F32, 2, -1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> engine().copyOf(ByteBuffer.allocate(3), DType.F16, Shape.of(1)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("3 bytes");
    }
}
