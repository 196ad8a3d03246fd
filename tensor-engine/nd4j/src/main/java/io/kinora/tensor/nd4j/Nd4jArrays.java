package io.kinora.tensor.nd4j;

import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Hands arrays of ND4J's and tensors of its engine over to each other, without a copy. */
public final class Nd4jArrays {
    private Nd4jArrays() {}

    /**
     * A tensor on an array's own memory: what is written to one is seen in the other. The array stays its owner's and must stay open as long
     * as the tensor and its views.
     *
     * @throws IllegalArgumentException if the engine is not ND4J's, or the array is of text or empty
     */
    public static Tensor tensor(Engine engine, INDArray array) {
        if (!(engine instanceof Nd4jEngine nd4j)) {
            throw new IllegalArgumentException("arrays of ND4J's belong to its engine, not to " + engine.name());
        }
        if (array.isEmpty()) {
            throw new IllegalArgumentException("an empty array has no memory to share");
        }
        return nd4j.calls().call("tensor", () -> nd4j.calls()
                .own(
                        Memory.of(array),
                        Layout.of(array.shape(), array.stride(), array.offset()),
                        Types.of(array.dataType())));
    }

    /**
     * An array on a tensor's own memory, with its strides. It is void once the tensor and its views are closed; {@code dup()} it to keep it.
     * An 8-bit float is shown as the byte it is stored in.
     *
     * @throws IllegalArgumentException if the tensor is not of ND4J's engine, or has no elements
     */
    public static INDArray array(Tensor tensor) {
        if (!(tensor instanceof Nd4jTensor mine)) {
            throw new IllegalArgumentException("a tensor of engine %s on %s is no array of ND4J's: adopt it first"
                    .formatted(tensor.engine().name(), tensor.engine().device()));
        }
        if (mine.shape().elements() == 0) {
            throw new IllegalArgumentException("a tensor without elements has no memory to share");
        }
        return mine.lend();
    }
}
