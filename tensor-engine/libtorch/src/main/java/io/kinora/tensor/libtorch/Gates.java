package io.kinora.tensor.libtorch;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Rotary position embedding and gated activations. For use inside a call. */
final class Gates {
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
        gated.mul_(x.narrow(-1, 0, C));
        return gated;
    }

    static Tensor swiglu(Tensor gate, Tensor up) {
        Tensor gated = torch.silu(gate);
        gated.mul_(up);
        return gated;
    }
}
