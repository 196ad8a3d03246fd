package io.kinora.tensor.libtorch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A convolution over frames only, kernel (k, 1, 1), as one over a picture whose rows are frames and whose columns are the pixels of a frame: the
 * kernels for two dimensions are faster than those for three. For use inside a call.
 *
 * <p>Letters: B batch, C channels in, O channels out, F frames in, P pixels of a frame.
 */
final class TemporalConvolution {
    private TemporalConvolution() {}

    /** True where this is the faster way: on the CPU in the types that its kernels are made for. */
    static boolean suits(Tensor x, Tensor weight, int padY, int padX) {
        ScalarType type = x.scalar_type().intern();
        return x.is_cpu()
                && (type == ScalarType.Float || type == ScalarType.Double)
                && weight.scalar_type().intern() == type
                && x.dim() == 5
                && weight.dim() == 5
                && weight.size(3) == 1
                && weight.size(4) == 1
                && padY == 0
                && padX == 0;
    }

    // x [B, C, F, Y, X], weight [O, C, k, 1, 1] -> [B, O, F', Y, X] with F' = F + 2·pad - k + 1
    static Tensor compute(Tensor x, Tensor weight, TensorOptional bias, int pad) {
        Tensor picture = x.flatten(3, 4); // [B, C, F, P]
        Tensor kernel = weight.squeeze(4); // [O, C, k, 1]
        Tensor sums = torch.conv2d(
                picture, kernel, bias, new long[] {1, 1}, new long[] {pad, 0}, new long[] {1, 1}, 1); // [B, O, F', P]
        return sums.unflatten(3, new long[] {x.size(3), x.size(4)});
    }
}
