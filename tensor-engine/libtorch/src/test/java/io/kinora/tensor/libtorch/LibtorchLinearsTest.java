package io.kinora.tensor.libtorch;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.TorchRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Large products take a fused way, small ones the ordinary: a row has the same result on both. */
class LibtorchLinearsTest {
    private static final int ROWS = 520;
    private static final int FEW = 8;
    private static final int IN = 48;
    private static final int OUT = 256;

    private static Engine engine;

    private Scope scope;
    private Tensor x;
    private Tensor weight;
    private Optional<Tensor> bias;

    @BeforeAll
    static void openEngine() {
        engine = Engines.open(LibtorchProvider.NAME, Device.CPU);
    }

    @AfterAll
    static void closeEngine() {
        engine.close();
    }

    @BeforeEach
    void makeOperands() {
        scope = engine.scope();
        TorchRandom random = new TorchRandom(5);
        x = random.normal(engine, ROWS, IN);
        weight = random.normal(engine, OUT, IN);
        bias = Optional.of(random.normal(engine, OUT));
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    private static void assertAgree(Tensor together, Tensor inParts) {
        assertThat(together.shape()).isEqualTo(inParts.shape());
        assertThat(together.toFloats()).usingComparatorWithPrecision(1e-4f).containsExactly(inParts.toFloats());
    }

    private static Tensor inParts(UnaryOperator<Tensor> rowsFrom, Tensor x) {
        List<Tensor> parts = new ArrayList<>();
        for (int from = 0; from < ROWS; from += FEW) {
            parts.add(rowsFrom.apply(x.slice(0, from, from + FEW)));
        }
        return engine.cat(parts, 0);
    }

    @Test
    void aProductIsTheSameInFewRowsAndInMany() {
        assertAgree(engine.linear(x, weight, bias), inParts(rows -> engine.linear(rows, weight, bias), x));
        assertAgree(
                engine.linear(x, weight, Optional.empty()),
                inParts(rows -> engine.linear(rows, weight, Optional.empty()), x));
    }

    @Test
    void anAddendIsAddedInFewRowsAndInMany() {
        Tensor addend = new TorchRandom(6).normal(engine, ROWS, OUT);
        assertAgree(
                engine.linearAdd(x, weight, bias, addend),
                engine.linear(x, weight, bias).add(addend));
        Tensor row = addend.slice(0, 0, 1);
        assertAgree(
                engine.linearAdd(x, weight, bias, row),
                engine.linear(x, weight, bias).add(row));
    }

    @Test
    void aGateIsAppliedInFewRowsAndInMany() {
        Tensor gated = engine.linearGeglu(x, weight, bias);
        assertThat(gated.shape().toArray()).containsExactly(ROWS, OUT / 2);
        assertAgree(gated, inParts(rows -> engine.linearGeglu(rows, weight, bias), x));
        assertAgree(gated, engine.geglu(engine.linear(x, weight, bias)));
    }

    @Test
    void operandsThatAreViewsMayBeGiven() {
        Tensor across = new TorchRandom(7).normal(engine, IN, ROWS).transpose(0, 1);
        Tensor acrossWeight = new TorchRandom(8).normal(engine, IN, OUT).transpose(0, 1);
        Tensor expected = engine.matmul(across, acrossWeight.transpose(0, 1)).add(bias.orElseThrow());
        assertAgree(engine.linear(across, acrossWeight, bias), expected);
        assertAgree(engine.linear(across.unsqueeze(0), weight, bias).squeeze(0), engine.linear(across, weight, bias));
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F16", "BF16", "F64"})
    void otherTypesKeepTheirType(DType type) {
        Tensor product = engine.linearAdd(
                x.to(type), weight.to(type), bias.map(values -> values.to(type)), engine.zeros(type, ROWS, OUT));
        assertThat(product.dtype()).isEqualTo(type);
        float[] exact = engine.linear(x, weight, bias).toFloats();
        assertThat(product.toFloats()).usingComparatorWithPrecision(0.3f).containsExactly(exact);
    }
}
