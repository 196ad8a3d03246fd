package io.kinora.tensor.libtorch;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A weight {@code [O, C]} in few bits, in the layout its scheme's fastest kernel wants. */
sealed interface WeightCodes permits Int8Codes, PackedInt8Codes, Int4Codes {
    // From this many rows of activations on, unpacking the weight once and multiplying beats the kernels that unpack on
    // the fly.
    long MANY_ROWS = 12;

    // The kernels read whole vectors, and check nothing.
    long VECTOR_CHANNELS = 32;

    /**
     * Whether these rows go through libtorch's kernels that read weights in few bits as they are. They take and give BF16 and add up in
     * F32; those that take F32 are twenty times slower, and slower than a product with the whole weight. What the rounding to BF16 loses,
     * some 0.15 % of a row, is a fraction of what the bits lose.
     */
    static boolean isForKernels(Tensor x) {
        return x.is_cpu()
                && x.size(0) < MANY_ROWS
                && x.size(1) % VECTOR_CHANNELS == 0
                && x.scalar_type().intern() != ScalarType.Double;
    }

    /** For use inside a call: {@code x [M, C]} times the weight's transpose, {@code [M, O]}. */
    Tensor product(Tensor x);

    /** For use inside a call: the weight this stands for, F32 {@code [O, C]}. */
    Tensor weight();

    /** The tensors it is made of, by name: its own, or copies that belong to the scope of the caller. */
    Map<String, io.kinora.tensor.Tensor> parts();

    /** Bytes of native memory. */
    long bytes();

    /** Frees the native memory. */
    void close();
}
