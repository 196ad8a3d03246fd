package io.kinora.tensor.libtorch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Convolutions. For use inside a call. */
final class Convolutions {
    private Convolutions() {}

    static Tensor conv1d(
            Tensor x, Tensor weight, TensorOptional bias, int stride, int padding, int dilation, int groups) {
        return torch.conv1d(x, weight, bias, new long[] {stride}, new long[] {padding}, new long[] {dilation}, groups);
    }

    static Tensor convTranspose1d(Tensor x, Tensor weight, TensorOptional bias, int stride, int padding) {
        return torch.conv_transpose1d(x, weight, bias, new long[] {stride}, new long[] {padding}, new long[] {0}, 1, 1);
    }

    static Tensor conv2d(Tensor x, Tensor weight, TensorOptional bias, int stride, int padding) {
        if (WinogradConvolution.suits(x, weight, stride, padding)) {
            return WinogradConvolution.compute(x, weight, bias);
        }
        return torch.conv2d(
                x, weight, bias, new long[] {stride, stride}, new long[] {padding, padding}, new long[] {1, 1}, 1);
    }

    static Tensor conv3d(Tensor x, Tensor weight, TensorOptional bias, int padF, int padY, int padX) {
        if (TemporalConvolution.suits(x, weight, padY, padX)) {
            return TemporalConvolution.compute(x, weight, bias, padF);
        }
        return torch.conv3d(
                x, weight, bias, new long[] {1, 1, 1}, new long[] {padF, padY, padX}, new long[] {1, 1, 1}, 1);
    }
}
