package io.kinora.tensor.libtorch;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Resampling. For use inside a call. */
final class Images {
    private Images() {}

    static Tensor nearest(Tensor x, long height, long width) {
        return torch.upsample_nearest2d(x, new long[] {height, width}, new DoubleOptional(), new DoubleOptional());
    }

    static Tensor bilinear(Tensor x, long height, long width) {
        return torch.upsample_bilinear2d(
                x, new long[] {height, width}, false, new DoubleOptional(), new DoubleOptional());
    }
}
