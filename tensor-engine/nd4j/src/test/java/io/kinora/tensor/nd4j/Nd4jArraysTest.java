package io.kinora.tensor.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

final class Nd4jArraysTest {
    private final Engine engine = new Nd4jProvider().open(Device.CPU);

    @Test
    void anArrayAndItsTensorAreTheSameMemory() {
        try (INDArray array = Nd4j.createFromArray(new float[][] {{1, 2, 3}, {4, 5, 6}});
                Scope scope = engine.scope()) {
            Tensor tensor = Nd4jArrays.tensor(engine, array.transpose());

            assertThat(tensor.shape()).isEqualTo(Shape.of(3, 2));
            assertThat(tensor.toFloats()).containsExactly(1, 4, 2, 5, 3, 6);
            tensor.mulInPlace(2);
            assertThat(array.getFloat(1, 2)).isEqualTo(12);
            array.putScalar(0, 1, -1);
            assertThat(tensor.toFloats()).containsExactly(2, 8, -1, 10, 6, 12);
        }
    }

    @Test
    void aTensorAndItsArrayAreTheSameMemory() {
        try (Scope scope = engine.scope()) {
            Tensor tensor = engine.of(new float[] {1, 2, 3, 4}, 2, 2);
            INDArray row = Nd4jArrays.array(tensor.select(0, 1));

            assertThat(row.toFloatVector()).containsExactly(3, 4);
            row.addi(10);
            assertThat(tensor.toFloats()).containsExactly(1, 2, 13, 14);
        }
    }

    @Test
    void closingATensorLeavesABorrowedArrayOpen() {
        try (INDArray array = Nd4j.createFromArray(1f, 2f)) {
            Nd4jArrays.tensor(engine, array).close();
            assertThat(array.toFloatVector()).containsExactly(1, 2);
        }
    }

    @Test
    void whatHasNoMemoryIsNotShared() {
        try (Scope scope = engine.scope()) {
            Tensor nothing = engine.zeros(DType.F32, 0, 3);
            assertThatThrownBy(() -> Nd4jArrays.array(nothing)).hasMessageContaining("no memory to share");
        }
    }
}
