package io.kinora.tensor;

import java.util.Map;

/**
 * A linear layer's weight {@code [O, C]} in fewer bits, in the layout its engine's kernels want. It belongs to its maker, who closes it; no
 * scope owns it. Computing with a closed one is an {@link IllegalStateException}.
 */
public interface QuantizedWeight extends AutoCloseable {
    /** The scheme it was made with. */
    Quantization scheme();

    /** {@code [O, C]} of the weight it stands for. */
    Shape shape();

    /** Bytes it takes, scales and zero points included. */
    long bytes();

    /** The weight it stands for, as {@link DType#F32} {@code [O, C]}; its difference to the original is the error of the scheme. */
    Tensor dequantize();

    /**
     * What it is made of, by name: codes, scales, zero points, to be written down and given to {@link Engine#restore}. The tensors are
     * this weight's own, or made for this call and the innermost scope's.
     */
    Map<String, Tensor> parts();

    @Override
    void close();
}
