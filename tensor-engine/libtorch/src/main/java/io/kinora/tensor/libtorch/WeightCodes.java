package io.kinora.tensor.libtorch;

import org.bytedeco.pytorch.Tensor;

/** A weight {@code [O, C]} in few bits, in the layout its scheme's fastest kernel wants. */
sealed interface WeightCodes permits Int8Codes, Int4Codes {
    // From this many rows of activations on, unpacking the weight once and multiplying beats the kernels that unpack on
    // the fly.
    long MANY_ROWS = 12;

    /** For use inside a call: {@code x [M, C]} times the weight's transpose, {@code [M, O]}, in {@code x}'s type. */
    Tensor product(Tensor x);

    /** For use inside a call: the weight this stands for, F32 {@code [O, C]}. */
    Tensor weight();

    /** Bytes of native memory. */
    long bytes();

    /** Frees the native memory. */
    void close();
}
