package io.kinora.tensor.libtorch;

import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Rotary position embedding and gated activations. For use inside a call.
 *
 * <p>Each has two ways to the same numbers: one that writes over its own intermediate results, and one that leaves them, for recordings, whose
 * derivative reads them.
 */
final class Gates {
    private static final double QUICK_GELU = 1.702;

    private Gates() {}

    // x [B, H, T, d]; cos, sin [T, d/2] or [B, T, d/2]
    static Tensor rotary(Tensor x, Tensor cos, Tensor sin) {
        long half = cos.size(-1);
        if (x.dim() != 4 || x.size(-1) != 2 * half) {
            throw new Misfit("x must be [B, H, T, %d] for angles of width %d".formatted(2 * half, half));
        }
        ScalarType type = x.scalar_type().intern();
        Tensor wide = x.to(ScalarType.Float);
        Tensor c = perHead(cos.to(ScalarType.Float));
        Tensor s = perHead(sin.to(ScalarType.Float));
        Tensor first = wide.narrow(-1, 0, half);
        Tensor second = wide.narrow(-1, half, half);
        if (GradMode.is_enabled()) {
            Tensor left = first.mul(c).sub(second.mul(s));
            Tensor right = second.mul(c).add(first.mul(s));
            return torch.cat(new TensorVector(left, right), -1).to(type);
        }
        Tensor turned = torch.empty_like(wide);
        Tensor turnedFirst = turned.narrow(-1, 0, half);
        Tensor turnedSecond = turned.narrow(-1, half, half);
        torch.mul_out(turnedFirst, first, c);
        turnedFirst.addcmul_(second, s, new Scalar(-1.0));
        torch.mul_out(turnedSecond, second, c);
        turnedSecond.addcmul_(first, s, new Scalar(1.0));
        return turned.to(type);
    }

    // [B, T, d/2] -> [B, 1, T, d/2]
    private static Tensor perHead(Tensor angles) {
        return angles.dim() == 3 ? angles.unsqueeze(1) : angles;
    }

    static Tensor geglu(Tensor x) {
        long twice = x.size(-1);
        if (twice % 2 != 0) {
            throw new Misfit("the last axis holds a value and a gate half, so its size cannot be %d".formatted(twice));
        }
        long C = twice / 2;
        Tensor gated = torch.gelu(x.narrow(-1, C, C));
        if (GradMode.is_enabled()) {
            return gated.mul(x.narrow(-1, 0, C));
        }
        gated.mul_(x.narrow(-1, 0, C));
        return gated;
    }

    static Tensor swiglu(Tensor gate, Tensor up) {
        Tensor gated = torch.silu(gate);
        if (GradMode.is_enabled()) {
            return gated.mul(up);
        }
        gated.mul_(up);
        return gated;
    }

    static Tensor quickGelu(Tensor x) {
        Tensor scaled = x.mul(new Scalar(QUICK_GELU));
        return GradMode.is_enabled()
                ? torch.sigmoid(scaled).mul(x)
                : scaled.sigmoid_().mul_(x);
    }
}
