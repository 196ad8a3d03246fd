package io.kinora.tensor.libtorch;

import java.util.Optional;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Linear layers, with what follows them where that can be fused. For use inside a call.
 *
 * <p>On the CPU, F32 products that are not tiny go to oneDNN: on AVX-512 it is a fifth quicker than the BLAS that {@code torch.linear}
 * calls, adds the bias without a pass of its own, and applies an activation or a second operand to the product while it is in registers.
 * These operators have no gradient, so anything that asks for one takes the ordinary way.
 */
final class Linears {
    // A call by name costs some 20 µs more than a direct one; below this many multiplications it does not pay.
    private static final long LEAST_PRODUCTS = 1L << 22;
    private static final String POINTWISE = "mkldnn::_linear_pointwise";

    private Linears() {}

    static Tensor linear(Tensor x, Tensor weight, Optional<Tensor> bias) {
        return fusible(x, weight, bias)
                ? pointwise(x, weight, bias, "none")
                : torch.linear(x, weight, bias.map(TensorOptional::new).orElseGet(TensorOptional::new));
    }

    /** {@code x Wᵀ + b + addend}. */
    static Tensor linearAdd(Tensor x, Tensor weight, Optional<Tensor> bias, Tensor addend) {
        boolean together = fusible(x, weight, bias)
                && addend.scalar_type().intern() == ScalarType.Float
                && !addend.requires_grad()
                && addend.dim() == x.dim()
                && addend.size(-1) == weight.size(0)
                && addend.numel() / addend.size(-1) == x.numel() / x.size(-1);
        return together
                ? binary(x, addend.contiguous(), weight, bias, "add")
                : linear(x, weight, bias).add(addend);
    }

    /** The first half of {@code x Wᵀ + b} times GELU of the second. */
    static Tensor linearGeglu(Tensor x, Tensor weight, Optional<Tensor> bias) {
        if (!fusible(x, weight, bias) || weight.size(0) % 2 != 0) {
            return Gates.geglu(linear(x, weight, bias));
        }
        long half = weight.size(0) / 2;
        Tensor gate =
                pointwise(x, weight.narrow(0, half, half), bias.map(whole -> whole.narrow(0, half, half)), "gelu");
        return binary(x, gate, weight.narrow(0, 0, half), bias.map(whole -> whole.narrow(0, 0, half)), "mul");
    }

    private static boolean fusible(Tensor x, Tensor weight, Optional<Tensor> bias) {
        return x.dim() >= 2
                && weight.dim() == 2
                && x.numel() * weight.size(0) >= LEAST_PRODUCTS
                && x.is_cpu()
                && isPlain(x)
                && isPlain(weight)
                && weight.is_contiguous()
                && x.size(-1) == weight.size(1)
                && (bias.isEmpty()
                        || (isPlain(bias.get())
                                && bias.get().dim() == 1
                                && bias.get().size(0) == weight.size(0)))
                && OneDnn.AVAILABLE;
    }

    private static boolean isPlain(Tensor tensor) {
        return tensor.scalar_type().intern() == ScalarType.Float && !tensor.requires_grad();
    }

    private static Tensor pointwise(Tensor x, Tensor weight, Optional<Tensor> bias, String activation) {
        OperatorHandle operator = Operators.named(POINTWISE, "");
        GenericList none = Operators.emptyList(operator, 4); // the activation's parameters
        return Operators.call(
                operator,
                new IValue(x),
                new IValue(weight),
                optional(bias),
                new IValue(activation),
                new IValue(none),
                new IValue("none"));
    }

    private static Tensor binary(Tensor x, Tensor other, Tensor weight, Optional<Tensor> bias, String operation) {
        return Operators.call(
                Operators.named(POINTWISE, "binary"),
                new IValue(x),
                new IValue(other),
                new IValue(weight),
                optional(bias),
                new IValue(operation));
    }

    private static IValue optional(Optional<Tensor> bias) {
        return bias.map(IValue::new).orElseGet(IValue::new);
    }

    /** Whether this build of libtorch has oneDNN's operators. */
    private static final class OneDnn {
        static final boolean AVAILABLE = Operators.has(POINTWISE, "") && Operators.has(POINTWISE, "binary");
    }
}
