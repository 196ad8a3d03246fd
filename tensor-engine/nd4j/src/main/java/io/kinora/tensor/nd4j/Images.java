package io.kinora.tensor.nd4j;

import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Images of other sizes: each direction is a product with a matrix that says which rows become which. For use inside a call. */
final class Images {
    private Images() {}

    /** Weights {@code [out, in]} of one direction, row-major. */
    private interface Weights {
        double[] of(int in, int out);
    }

    static Tensor nearest(Calls calls, Nd4jTensor x, long height, long width) {
        return resize(calls, "upsampleNearest", x, height, width, Images::nearestRows);
    }

    static Tensor bilinear(Calls calls, Nd4jTensor x, long height, long width) {
        return resize(calls, "upsampleBilinear", x, height, width, Images::bilinearRows);
    }

    private static Tensor resize(
            Calls calls, String operation, Nd4jTensor x, long height, long width, Weights weights) {
        requireImages(x);
        if (height < 1 || width < 1) {
            throw new Misfit("there are no images of %d by %d".formatted(height, width));
        }
        Shape shape = Shape.of(x.dim(0), x.dim(1), height, width);
        return calls.compute(operation, x.dtype(), shape, work -> {
            DataType type = Types.computed(x.dtype());
            long planes = x.dim(0) * x.dim(1);
            INDArray across = matrix(work, weights, x.dim(3), width, type); // [X', X]
            INDArray down = matrix(work, weights, x.dim(2), height, type); // [Y', Y]
            INDArray rows = work.shaped(work.read(x, type), planes * x.dim(2), x.dim(3));
            INDArray wide =
                    work.shaped(work.product(rows, across, true, planes * x.dim(2), width), planes, x.dim(2), width);
            INDArray repeated =
                    Joining.repeated(work, work.shaped(down, 1, height, x.dim(2)), Shape.of(planes, height, x.dim(2)));
            return work.product(repeated, wide, false, planes, height, width);
        });
    }

    static Tensor averagePool(Calls calls, Nd4jTensor x, int window) {
        requireImages(x);
        if (window < 1 || x.dim(2) < window || x.dim(3) < window) {
            throw new Misfit("a window of %d finds no place".formatted(window));
        }
        long Y = x.dim(2) / window;
        long X = x.dim(3) / window;
        return calls.compute("avgPool2d", x.dtype(), Shape.of(x.dim(0), x.dim(1), Y, X), work -> {
            DataType type = Types.computed(x.dtype());
            Layout place = x.layout().slice(2, 0, Y * window).slice(3, 0, X * window);
            INDArray used = work.cast(work.copy(work.at(x, place)), type);
            INDArray windows = work.shaped(used, x.dim(0) * x.dim(1) * Y, window, X, window);
            return work.run("reduce_mean", type, new long[] {x.dim(0) * x.dim(1) * Y, X}, new long[] {1, 3}, windows);
        });
    }

    private static void requireImages(Nd4jTensor x) {
        if (x.layout().rank() != 4) {
            throw new Misfit("images are [B, C, Y, X]");
        }
    }

    private static INDArray matrix(Work work, Weights weights, long in, long out, DataType type) {
        double[] rows = weights.of(Math.toIntExact(in), Math.toIntExact(out));
        return work.cast(work.shaped(work.doubles(rows), out, in), type);
    }

    private static double[] nearestRows(int in, int out) {
        double[] rows = new double[Math.multiplyExact(out, in)];
        for (int i = 0; i < out; i++) {
            rows[i * in + Math.toIntExact((long) i * in / out)] = 1;
        }
        return rows;
    }

    /** Half-pixel centres, kept inside the image. */
    private static double[] bilinearRows(int in, int out) {
        double[] rows = new double[Math.multiplyExact(out, in)];
        double step = (double) in / out;
        for (int i = 0; i < out; i++) {
            double at = Math.max(0, (i + 0.5) * step - 0.5);
            int low = (int) Math.min(in - 1, (long) at);
            int high = Math.min(in - 1, low + 1);
            rows[i * in + low] += 1 - (at - low);
            rows[i * in + high] += at - low;
        }
        return rows;
    }
}
