package io.kinora.tensor;

import java.util.List;

/**
 * A block of numbers on an engine's device, with a shape and an element type.
 *
 * <p>Operations return new tensors and leave their operands as they are; views ({@link #reshape} where the strides allow it,
 * {@link #permute}, {@link #slice} …) share memory with their source. {@link #copyFrom} and the methods ending in {@code InPlace}
 * are the only ones that write. Binary operations broadcast and promote types as NumPy and PyTorch do. Negative axes count from
 * the end.
 *
 * <p>Memory is freed by the {@link Scope} that owns the tensor, or by {@link #close}. Reading a tensor from several threads at once is
 * safe; writing while others read is not. Every operation throws {@link ShapeException} for operands that do not fit, naming both
 * shapes, and {@link IllegalStateException} on a tensor that is closed.
 */
public interface Tensor extends AutoCloseable {
    /** The engine that computes this tensor. */
    Engine engine();

    /** Sizes of the axes. */
    Shape shape();

    /** Element type. */
    DType dtype();

    /** Size of one axis. */
    default long dim(int axis) {
        return shape().dim(axis);
    }

    /** Number of axes. */
    default int rank() {
        return shape().rank();
    }

    // ---- views and layout

    /** The same elements in row-major order under another shape; one size may be -1. A view where the strides allow it, else a copy. */
    Tensor reshape(long... sizes);

    /** A view with the axes in another order. */
    Tensor permute(int... axes);

    /** A view with two axes exchanged. */
    Tensor transpose(int first, int second);

    /** A view of positions {@code from} (inclusive) to {@code to} (exclusive) of an axis. */
    Tensor slice(int axis, long from, long to);

    /** A view of one position of an axis, without that axis. */
    Tensor select(int axis, long position);

    /** A view with an axis of size 1 inserted. */
    Tensor unsqueeze(int axis);

    /** A view without an axis of size 1. */
    Tensor squeeze(int axis);

    /** A view that repeats axes of size 1 up to the given sizes; -1 leaves an axis as it is. */
    Tensor expand(long... sizes);

    /** Equal views along an axis, which must be divisible. */
    List<Tensor> chunk(int parts, int axis);

    /** This tensor laid out row-major: itself if it already is, else a copy. */
    Tensor contiguous();

    /** Each position of an axis repeated {@code times} times in a row: a, a, b, b … */
    Tensor repeatInterleave(int times, int axis);

    // ---- types

    /** The elements in another type: itself if it already has it, else a copy, rounded to nearest even. */
    Tensor to(DType dtype);

    // ---- arithmetic

    /** Sum, broadcast. */
    Tensor add(Tensor other);

    /** Sum with a number. */
    Tensor add(double other);

    /** Difference, broadcast. */
    Tensor sub(Tensor other);

    /** Product, broadcast. */
    Tensor mul(Tensor other);

    /** Product with a number. */
    Tensor mul(double other);

    /** Quotient, broadcast. */
    Tensor div(Tensor other);

    /** e to the power of each element. */
    Tensor exp();

    /** Natural logarithm of each element. */
    Tensor log();

    /** Square root of each element. */
    Tensor sqrt();

    /** Sine of each element, in radians. */
    Tensor sin();

    /** Cosine of each element, in radians. */
    Tensor cos();

    /** Each element brought into {@code low..high}. */
    Tensor clamp(double low, double high);

    /** Each element rounded to the nearest whole number, halves to even. */
    Tensor round();

    /** Writes the sum into this tensor, and returns it. */
    Tensor addInPlace(Tensor other);

    /**
     * The sum, in the memory of this tensor, which must not be used any more: only what is returned. While gradients are recorded it is a
     * new tensor, as the derivative may need the old elements.
     */
    default Tensor addOver(Tensor other) {
        return engine().isRecording() ? add(other) : addInPlace(other);
    }

    /** Writes the product into this tensor, and returns it. */
    Tensor mulInPlace(double other);

    /** Writes the elements of another tensor, broadcast and converted, into this one (typically a view), and returns it. */
    Tensor copyFrom(Tensor source);

    // ---- activations

    /** x · sigmoid(x), also called swish. */
    Tensor silu();

    /** x · Φ(x) in the exact (erf) form. */
    Tensor gelu();

    /** x · sigmoid(1.702 x), CLIP's approximation of GELU. */
    Tensor quickGelu();

    /** max(x, 0). */
    Tensor relu();

    /** x where positive, else slope · x. */
    Tensor leakyRelu(double slope);

    /** 1 / (1 + e⁻ˣ). */
    Tensor sigmoid();

    /** Hyperbolic tangent. */
    Tensor tanh();

    /** Exponentials along an axis, scaled to sum 1. */
    Tensor softmax(int axis);

    /** Logarithm of {@link #softmax}, computed stably. */
    Tensor logSoftmax(int axis);

    // ---- reductions; the axis disappears

    /** Sum along an axis. */
    Tensor sum(int axis);

    /** Mean along an axis. */
    Tensor mean(int axis);

    /** Largest element along an axis. */
    Tensor max(int axis);

    /** Position ({@link DType#I64}) of the first largest element along an axis. */
    Tensor argmax(int axis);

    /** The {@code k} largest elements of the last axis, largest first, with their positions. */
    TopK topK(int k);

    /** Largest elements and where they stand, both {@code [..., k]}; positions are {@link DType#I64}. */
    record TopK(Tensor values, Tensor positions) {}

    // ---- reading out

    /** All elements in row-major order, converted to float. */
    float[] toFloats();

    /** All elements in row-major order; an integer or boolean tensor only. */
    long[] toLongs();

    /** All elements in row-major order in their own type, little endian. */
    byte[] toBytes();

    /** Frees the memory now. Closing twice is harmless; a view keeps its source's memory alive. */
    @Override
    void close();
}
