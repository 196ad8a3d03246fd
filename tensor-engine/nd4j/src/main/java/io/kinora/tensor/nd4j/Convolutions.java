package io.kinora.tensor.nd4j;

import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Convolutions, by ND4J's own with oneDNN where it has it; in one dimension as images of one row. For use inside a call. */
final class Convolutions {
    /** In ND4J's arguments: padding as given, channels first, weights as PyTorch stores them. */
    private static final long GIVEN_PADDING = 0;

    private static final long CHANNELS_FIRST = 0;
    private static final long OUTPUT_FIRST = 1;

    private Convolutions() {}

    static Tensor conv1d(
            Calls calls,
            Nd4jTensor x,
            Nd4jTensor weight,
            Optional<Nd4jTensor> bias,
            int stride,
            int padding,
            int dilation,
            int groups) {
        requireRanks(x, weight, 3);
        long C = x.dim(1);
        long O = weight.dim(0);
        if (groups < 1 || C % groups != 0 || O % groups != 0 || weight.dim(1) != C / groups) {
            throw new Misfit(
                    "%d channels in %d groups do not meet the weight's %d".formatted(C, groups, weight.dim(1)));
        }
        check(x, weight, bias, O);
        long L = length(x.dim(2), weight.dim(2), stride, padding, dilation);
        long B = x.dim(0);
        long K = weight.dim(2);
        return calls.compute("conv1d", x.dtype(), Shape.of(B, O, L), work -> {
            DataType type = Types.computed(x.dtype());
            long[] arguments = {1, K, 1, stride, 0, padding, 1, dilation, GIVEN_PADDING, CHANNELS_FIRST, OUTPUT_FIRST};
            INDArray result = work.make(type, B, O, 1, L);
            for (int g = 0; g < groups; g++) {
                long in = C / groups;
                long out = O / groups;
                INDArray images = work.shaped(part(work, x, 1, g * in, in, type), B, in, 1, x.dim(2));
                INDArray kernels = work.shaped(part(work, weight, 0, g * out, out, type), out, in, 1, K);
                List<INDArray> inputs = new ArrayList<>(List.of(images, kernels));
                long first = g * out;
                bias.ifPresent(b -> inputs.add(part(work, b, 0, first, out, type)));
                INDArray made = work.make(type, B, out, 1, L);
                // ND4J asks oneDNN for dilated convolutions with a padding that does not fit.
                work.call("conv2d", dilation == 1, arguments, inputs.toArray(INDArray[]::new), made);
                if (groups == 1) {
                    return made;
                }
                Layout place = Layout.rowMajor(Shape.of(B, O, 1, L)).slice(1, first, first + out);
                work.view(result, place).assign(made);
            }
            return result;
        });
    }

    static Tensor convTranspose1d(
            Calls calls, Nd4jTensor x, Nd4jTensor weight, Optional<Nd4jTensor> bias, int stride, int padding) {
        requireRanks(x, weight, 3);
        requireChannels(x.dim(1), weight.dim(0));
        long O = weight.dim(1);
        check(x, weight, bias, O);
        long K = weight.dim(2);
        long L = (x.dim(2) - 1) * stride - 2L * padding + K;
        if (stride < 1 || padding < 0 || L < 0) {
            throw new Misfit("stride %d and padding %d leave a length of %d".formatted(stride, padding, L));
        }
        return calls.compute("convTranspose1d", x.dtype(), Shape.of(x.dim(0), O, L), work -> {
            DataType type = Types.computed(x.dtype());
            INDArray images = work.shaped(work.read(x, type), x.dim(0), x.dim(1), 1, x.dim(2));
            INDArray kernels = work.shaped(work.read(weight, type), weight.dim(0), O, 1, K);
            long[] arguments = {1, K, 1, stride, 0, padding, 1, 1, GIVEN_PADDING, CHANNELS_FIRST, OUTPUT_FIRST};
            return work.run(
                    "deconv2d",
                    type,
                    new long[] {x.dim(0), O, 1, L},
                    arguments,
                    inputs(work, images, kernels, bias, type));
        });
    }

    static Tensor conv2d(
            Calls calls, Nd4jTensor x, Nd4jTensor weight, Optional<Nd4jTensor> bias, int stride, int padding) {
        requireRanks(x, weight, 4);
        requireChannels(x.dim(1), weight.dim(1));
        long O = weight.dim(0);
        check(x, weight, bias, O);
        long Y = length(x.dim(2), weight.dim(2), stride, padding, 1);
        long X = length(x.dim(3), weight.dim(3), stride, padding, 1);
        Shape shape = Shape.of(x.dim(0), O, Y, X);
        return calls.compute("conv2d", x.dtype(), shape, work -> {
            DataType type = Types.computed(x.dtype());
            long[] arguments = {
                weight.dim(2),
                weight.dim(3),
                stride,
                stride,
                padding,
                padding,
                1,
                1,
                GIVEN_PADDING,
                CHANNELS_FIRST,
                OUTPUT_FIRST
            };
            return work.run(
                    "conv2d",
                    type,
                    shape.toArray(),
                    arguments,
                    inputs(work, work.read(x, type), work.read(weight, type), bias, type));
        });
    }

    static Tensor conv3d(
            Calls calls, Nd4jTensor x, Nd4jTensor weight, Optional<Nd4jTensor> bias, int padF, int padY, int padX) {
        requireRanks(x, weight, 5);
        requireChannels(x.dim(1), weight.dim(1));
        long O = weight.dim(0);
        check(x, weight, bias, O);
        long F = length(x.dim(2), weight.dim(2), 1, padF, 1);
        long Y = length(x.dim(3), weight.dim(3), 1, padY, 1);
        long X = length(x.dim(4), weight.dim(4), 1, padX, 1);
        Shape shape = Shape.of(x.dim(0), O, F, Y, X);
        return calls.compute("conv3d", x.dtype(), shape, work -> {
            DataType type = Types.computed(x.dtype());
            long[] arguments = {
                weight.dim(2),
                weight.dim(3),
                weight.dim(4),
                1,
                1,
                1,
                padF,
                padY,
                padX,
                1,
                1,
                1,
                GIVEN_PADDING,
                CHANNELS_FIRST,
                OUTPUT_FIRST
            };
            return work.run(
                    "conv3dnew",
                    type,
                    shape.toArray(),
                    arguments,
                    inputs(work, work.read(x, type), work.read(weight, type), bias, type));
        });
    }

    private static INDArray[] inputs(
            Work work, INDArray images, INDArray kernels, Optional<Nd4jTensor> bias, DataType type) {
        return bias.isPresent()
                ? new INDArray[] {images, kernels, work.read(bias.get(), type)}
                : new INDArray[] {images, kernels};
    }

    /** Positions of an axis, row-major. */
    private static INDArray part(Work work, Nd4jTensor tensor, int axis, long from, long count, DataType type) {
        INDArray rows = work.read(tensor, type);
        if (from == 0 && count == rows.size(axis)) {
            return rows;
        }
        Layout place = Layout.rowMajor(tensor.layout().shape()).slice(axis, from, from + count);
        return work.copy(work.view(rows, place));
    }

    private static void requireRanks(Nd4jTensor x, Nd4jTensor weight, int rank) {
        if (x.layout().rank() != rank || weight.layout().rank() != rank) {
            throw new Misfit("input and weight have %d axes here".formatted(rank));
        }
    }

    private static void requireChannels(long given, long taken) {
        if (given != taken) {
            throw new Misfit("%d channels meet a weight for %d".formatted(given, taken));
        }
    }

    private static void check(Nd4jTensor x, Nd4jTensor weight, Optional<Nd4jTensor> bias, long outputs) {
        Products.sameType(x, weight);
        Products.requireBias(bias, outputs);
    }

    private static long length(long size, long kernel, int stride, int padding, int dilation) {
        long reach = dilation * (kernel - 1) + 1;
        long room = size + 2L * padding - reach;
        if (stride < 1 || dilation < 1 || padding < 0 || room < 0) {
            throw new Misfit("a kernel of %d finds no place in %d with padding %d, stride %d and dilation %d"
                    .formatted(kernel, size, padding, stride, dilation));
        }
        return room / stride + 1;
    }
}
