package io.kinora.tensor.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kinora.tensor.DType;
import io.kinora.tensor.Scope;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation gives PyTorch's values, in every floating-point type and memory layout, and refuses what does not fit. */
public abstract class EngineConformance extends EngineSuite {
    static Stream<Arguments> casesInEveryType() {
        return ConformanceCase.all().stream()
                .flatMap(theCase -> ConformanceCase.types().map(dtype -> Arguments.of(theCase, dtype)));
    }

    static Stream<ConformanceCase> cases() {
        return ConformanceCase.all().stream();
    }

    @ParameterizedTest(name = "{0} in {1}")
    @MethodSource("casesInEveryType")
    final void givesPyTorchsValuesInEveryLayout(ConformanceCase theCase, DType dtype) {
        for (Layout layout : Layout.values()) {
            try (Scope scope = engine().scope()) {
                List<Tensor> results =
                        Operations.run(theCase.operation(), Operands.of(theCase, engine(), dtype, layout));
                assertThat(results).hasSameSizeAs(theCase.expected());
                for (int i = 0; i < results.size(); i++) {
                    String what = "%s, %s inputs, result %d".formatted(theCase, layout, i);
                    assertSame(what, theCase.expected().get(i), results.get(i), dtype);
                }
            }
        }
    }

    private static void assertSame(String what, StoredTensor expected, Tensor actual, DType dtype) {
        assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
        if (expected.dtype() == DType.I64) {
            assertThat(actual.dtype()).as(what).isEqualTo(DType.I64);
            assertThat(actual.toLongs()).as(what).isEqualTo(expected.longs());
        } else {
            assertThat(actual.dtype()).as(what).isEqualTo(dtype);
            Tolerance.of(dtype).assertClose(what, expected.floats(), actual.toFloats());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    final void refusesClosedTensors(ConformanceCase theCase) {
        try (Scope scope = engine().scope()) {
            Operands operands = Operands.of(theCase, engine(), DType.F32, Layout.CONTIGUOUS);
            operands.all().get(operands.all().size() - 1).close();
            assertThatThrownBy(() -> Operations.run(theCase.operation(), operands))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
        }
    }

    static Stream<BadCall> badCalls() {
        return BadCall.all().stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badCalls")
    final void namesOperationAndShapesOfWhatDoesNotFit(BadCall call) {
        try (Scope scope = engine().scope()) {
            assertThatThrownBy(() -> call.run(engine()))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageContainingAll(call.words().toArray(String[]::new));
        }
    }
}
