package io.kinora.tensor.libtorch;

import java.util.Arrays;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Normalisations. For use inside a call. */
final class Norms {
    // Copying so few elements to another order and back costs less than the call itself.
    private static final long FEW_ELEMENTS = 1L << 15;

    // Mean over standard deviation above which the variance is computed again from values without their mean.
    private static final float FAR_FROM_ZERO = 2;

    private Norms() {}

    /**
     * Group norm. libtorch's CPU kernel for channels-last takes the variance as the mean of the squares less the square of the mean, which
     * loses most of a float's digits where a group's values lie far from zero; the kernel for the plain order does not. So the few
     * elements are put in plain order, and the many are normalised again, without their mean, in the rare case that it is large.
     */
    static Tensor group(Tensor x, int groups, Tensor weight, Tensor bias, double eps) {
        TensorOptional scale = new TensorOptional(weight);
        TensorOptional shift = new TensorOptional(bias);
        MemoryFormat order = x.suggest_memory_format().intern();
        boolean squares = x.is_cpu() && order != MemoryFormat.Contiguous && x.numel() > 0;
        if (!squares) {
            return torch.group_norm(x, groups, scale, shift, eps, true);
        }
        if (x.numel() <= FEW_ELEMENTS) {
            Tensor plain = torch.group_norm(x.flatten(2, -1), groups, scale, shift, eps, true);
            return plain.view(x.sizes()).contiguous(order);
        }
        long N = x.size(0);
        long C = x.size(1);
        long pixels = x.numel() / (N * C);
        T_TensorTensorTensor_T normed =
                torch.native_group_norm(x.contiguous(order), scale, shift, N, C, pixels, groups, eps);
        Tensor mean = normed.get1(); // [N, G]
        if (mean.abs().mul(normed.get2()).max().item_float() <= FAR_FROM_ZERO) {
            return normed.get0();
        }
        long[] perChannel = new long[(int) x.dim()];
        Arrays.fill(perChannel, 1);
        perChannel[0] = N;
        perChannel[1] = C;
        Tensor centred = x.sub(mean.detach()
                .repeat_interleave(C / groups, new LongOptional(1), new LongOptional())
                .view(perChannel));
        return torch.native_group_norm(centred, scale, shift, N, C, pixels, groups, eps)
                .get0();
    }

    static Tensor groupSilu(Tensor x, int groups, Tensor weight, Tensor bias, double eps) {
        Tensor normed = group(x, groups, weight, bias, eps);
        if (GradMode.is_enabled()) {
            return torch.silu(normed);
        }
        torch.silu_(normed);
        return normed;
    }

    static Tensor layer(Tensor x, Tensor weight, Tensor bias, double eps) {
        long[] last = {weight.size(0)};
        return torch.layer_norm(x, last, new TensorOptional(weight), new TensorOptional(bias), eps, true);
    }

    static Tensor rms(Tensor x, Tensor weight, double eps) {
        long[] last = {weight.size(0)};
        DoubleOptional epsilon = new DoubleOptional(eps);
        ScalarType type = x.scalar_type().intern();
        if (type == ScalarType.Float && weight.scalar_type().intern() == ScalarType.Float) {
            return torch.rms_norm(x, last, new TensorOptional(weight), epsilon);
        }
        return torch.rms_norm(x.to(ScalarType.Float), last, new TensorOptional(), epsilon)
                .to(type)
                .mul(weight);
    }
}
