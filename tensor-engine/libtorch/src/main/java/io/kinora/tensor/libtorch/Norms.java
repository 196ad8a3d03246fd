package io.kinora.tensor.libtorch;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Normalisations. For use inside a call. */
final class Norms {
    private Norms() {}

    static Tensor group(Tensor x, int groups, Tensor weight, Tensor bias, double eps) {
        return torch.group_norm(x, groups, new TensorOptional(weight), new TensorOptional(bias), eps, true);
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
