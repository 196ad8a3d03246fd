package io.kinora.tensor.libtorch;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A convolution over frames only, kernel (k, 1, 1), as k matrix products. For use inside a call.
 *
 * <p>Letters: B batch, C channels in, O channels out, F frames in, P pixels of a frame. With the frames of a clip side by side, {@code
 * [C, F·P]}, tap j moves the columns by whole frames, so each product reads the clip in place: nothing is unfolded. A few frames at a
 * time, so that the sum of the taps stays in the cache.
 */
final class TemporalConvolution {
    // Columns of one product: enough for the product to run at full speed, few enough for its result to stay in the
    // cache.
    private static final long COLUMNS = 1024;

    private TemporalConvolution() {}

    /** True where this is the faster way: on the CPU in the types that its matrix products are made for. */
    static boolean suits(Tensor x, Tensor weight, int padY, int padX) {
        ScalarType type = x.scalar_type().intern();
        return x.is_cpu()
                && (type == ScalarType.Float || type == ScalarType.Double)
                && weight.scalar_type().intern() == type
                && weight.dim() == 5
                && weight.size(3) == 1
                && weight.size(4) == 1
                && padY == 0
                && padX == 0;
    }

    // x [B, C, F, Y, X], weight [O, C, k, 1, 1] -> [B, O, F', Y, X] with F' = F + 2·pad - k + 1
    static Tensor compute(Tensor x, Tensor weight, TensorOptional bias, int pad) {
        if (x.dim() != 5) {
            throw new Misfit("x must be [B, C, F, Y, X], got %d axes".formatted(x.dim()));
        }
        long B = x.size(0);
        long C = x.size(1);
        long F = x.size(2);
        long P = x.size(3) * x.size(4);
        long O = weight.size(0);
        long framesOut = F + 2L * pad - weight.size(2) + 1;
        if (weight.size(1) != C) {
            throw new Misfit("x has %d channels, the weight takes %d".formatted(C, weight.size(1)));
        }
        if (framesOut < 1) {
            throw new Misfit("%d frames, padded by %d on each side, are fewer than the kernel's %d"
                    .formatted(F, pad, weight.size(2)));
        }
        Tensor clips = x.contiguous();
        Tensor taps = weight.reshape(O, C, weight.size(2)).permute(2, 0, 1).contiguous(); // [k, O, C]
        Tensor sums = biased(x, bias, B, O, framesOut, P);
        for (long b = 0; b < B; b++) {
            Tensor from = clips.select(0, b).view(C, F * P);
            Tensor to = sums.select(0, b).view(O, framesOut * P);
            addTaps(from, taps, to, pad, P);
        }
        return sums.view(B, O, framesOut, x.size(3), x.size(4));
    }

    private static Tensor biased(Tensor x, TensorOptional bias, long B, long O, long framesOut, long P) {
        if (!bias.has_value()) {
            return torch.zeros(new long[] {B, O, framesOut, P}, x.options());
        }
        if (bias.get().dim() != 1 || bias.get().size(0) != O) {
            throw new Misfit("the bias must have %d elements".formatted(O));
        }
        Tensor sums = torch.empty(new long[] {B, O, framesOut, P}, x.options(), null);
        sums.copy_(bias.get().view(1, O, 1, 1));
        return sums;
    }

    // from [C, F·P], taps [k, O, C], to [O, F'·P]
    private static void addTaps(Tensor from, Tensor taps, Tensor to, int pad, long P) {
        if (P == 0) {
            return;
        }
        long F = from.size(1) / P;
        long framesOut = to.size(1) / P;
        long block = Math.max(1, COLUMNS / P);
        Scalar one = new Scalar(1.0);
        for (long first = 0; first < framesOut; first += block) {
            long end = Math.min(first + block, framesOut);
            for (long tap = 0; tap < taps.size(0); tap++) {
                long shift = tap - pad; // frame f of the result sees frame f + shift of the clip
                long begin = Math.max(first, -shift);
                long columns = (Math.min(end, F - shift) - begin) * P;
                if (columns > 0) {
                    to.narrow(1, begin * P, columns)
                            .addmm_(taps.select(0, tap), from.narrow(1, (begin + shift) * P, columns), one, one);
                }
            }
        }
    }
}
