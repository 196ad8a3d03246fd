package io.kinora.tensor.nd4j;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Rounding to whole numbers, halves to even, which ND4J's own rounding does not do. */
final class Rounding {
    /** 1.5 · 2^52: where doubles of that size have no fraction left, adding it rounds, as IEEE 754 rounds every sum. */
    private static final double SHIFT = 0x1.8p52;

    private static final double HAS_NO_FRACTION = 0x1p51;

    private Rounding() {}

    static INDArray toEven(Work work, INDArray x) {
        INDArray wide = work.cast(x, DataType.DOUBLE);
        INDArray near = work.own(wide.add(SHIFT)).subi(SHIFT);
        INDArray far = work.own(org.nd4j.linalg.ops.transforms.Transforms.abs(wide, true))
                .gte(HAS_NO_FRACTION);
        INDArray chosen = work.run("select", DataType.DOUBLE, x.shape(), new long[0], work.own(far), wide, near);
        return work.cast(chosen, x.dataType());
    }
}
