package io.kinora.tensor;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes and computes {@link Tensor}s on one {@link Device}.
 *
 * <p>Layers reach the engine through their tensors, so no model names one. Letters in the shapes: B batch, C channels in, O channels
 * out, D model width, T tokens, S tokens attended to, H heads, d head width. A weight of a linear layer is {@code [O, C]}, and the
 * product is {@code y = x Wᵀ}: this is the layout of PyTorch and of every released checkpoint.
 *
 * <p>Thread-safe. Shapes that do not fit throw {@link ShapeException}.
 */
public interface Engine extends AutoCloseable {
    /** Name by which configuration chooses it: {@code libtorch}, {@code nd4j}. */
    String name();

    /** Where its tensors live. */
    Device device();

    /** Opens a scope on the calling thread. */
    Scope scope();

    /** Bytes that could still be allocated on the device now; an estimate from the driver or the operating system. */
    long freeBytes();

    // ---- making

    /** All zeros. */
    Tensor zeros(DType dtype, long... sizes);

    /** All one value. */
    Tensor full(double value, DType dtype, long... sizes);

    /** From floats in row-major order, as {@link DType#F32}. */
    Tensor of(float[] values, long... sizes);

    /** From longs in row-major order, as {@link DType#I64}. */
    Tensor of(long[] values, long... sizes);

    /** Whole numbers {@code from} (inclusive) to {@code to} (exclusive), as {@link DType#I64}, {@code [to - from]}. */
    Tensor arange(long from, long to);

    /** Copies little-endian elements of the given type out of a buffer's remaining bytes. The buffer's position stays. */
    Tensor copyOf(ByteBuffer bytes, DType dtype, Shape shape);

    /**
     * A tensor over the remaining bytes of a direct buffer (a mapped file), without a copy where device and alignment allow it. The
     * tensor keeps the buffer alive. Never written to.
     */
    Tensor wrap(ByteBuffer bytes, DType dtype, Shape shape);

    /**
     * A tensor of any engine as one of this engine: the tensor itself if it is, a view if it is another engine's of the same kind on the same
     * device, otherwise a copy.
     */
    Tensor adopt(Tensor foreign);

    // ---- joining and picking

    /** Joined along an existing axis. */
    Tensor cat(List<Tensor> parts, int axis);

    /** Joined along a new axis. */
    Tensor stack(List<Tensor> parts, int axis);

    /** Rows of a table: {@code table [N, ...]}, {@code ids} {@link DType#I64} of any shape, gives {@code ids.shape + [...]}. */
    Tensor gather(Tensor table, Tensor ids);

    /** {@code table} with {@code rows [K, ...]} written at the positions {@code ids [K]} of the first axis; a copy. */
    Tensor scatterRows(Tensor table, Tensor ids, Tensor rows);

    /** {@code mask ? whenTrue : whenFalse}, broadcast. */
    Tensor where(Tensor mask, Tensor whenTrue, Tensor whenFalse);

    // ---- products

    /** Batched matrix product {@code [..., M, K] x [..., K, N]}, broadcast over the leading axes. */
    Tensor matmul(Tensor a, Tensor b);

    /** {@code x [..., C]}, {@code weight [O, C]}, {@code bias [O]}: {@code x Wᵀ + b}, {@code [..., O]}. */
    Tensor linear(Tensor x, Tensor weight, Optional<Tensor> bias);

    /** {@link #linear} plus {@code addend [..., O]}, in one pass where the engine can. */
    default Tensor linearAdd(Tensor x, Tensor weight, Optional<Tensor> bias, Tensor addend) {
        return linear(x, weight, bias).add(addend);
    }

    /** {@link #geglu} of {@link #linear}: {@code weight [2O, C]} gives {@code [..., O]}; in one pass where the engine can. */
    default Tensor linearGeglu(Tensor x, Tensor weight, Optional<Tensor> bias) {
        return geglu(linear(x, weight, bias));
    }

    /**
     * {@link #linear} on a weight that {@link #quantize} or {@link #restore} made, in {@code x}'s type. An engine may round the rows of a
     * short {@code x}, and their products, to {@link DType#BF16}: some 0.15 % of a row, a fraction of what the fewer bits lose.
     */
    Tensor linear(Tensor x, QuantizedWeight weight, Optional<Tensor> bias);

    /** A weight {@code [O, C]} in fewer bits. */
    QuantizedWeight quantize(Tensor weight, Quantization scheme);

    /**
     * How {@link #quantize} lays out the parts of a weight here, in a word: it may depend on engine, device and processor. Parts are worth
     * keeping for an engine that says the same.
     */
    String layout(Quantization scheme);

    /**
     * A weight out of the {@link QuantizedWeight#parts} of one that was quantised in the same {@link #layout}. It closes the parts, which no
     * scope may own; they may be views of a mapped file.
     *
     * @throws ShapeException if these are not the parts of a weight {@code shape} in that scheme
     */
    QuantizedWeight restore(Quantization scheme, Shape shape, Map<String, Tensor> parts);

    /** {@code x [B, C, L]}, {@code weight [O, C/groups, K]}. */
    Tensor conv1d(Tensor x, Tensor weight, Optional<Tensor> bias, int stride, int padding, int dilation, int groups);

    /** {@code x [B, C, L]}, {@code weight [C, O, K]}: the transposed convolution, {@code L' = (L-1)·stride - 2·padding + K}. */
    Tensor convTranspose1d(Tensor x, Tensor weight, Optional<Tensor> bias, int stride, int padding);

    /** {@code x [B, C, Y, X]}, {@code weight [O, C, kY, kX]}, the same stride and zero padding in both directions. */
    Tensor conv2d(Tensor x, Tensor weight, Optional<Tensor> bias, int stride, int padding);

    /** {@code x [B, C, F, Y, X]}, {@code weight [O, C, kF, kY, kX]}, stride 1, zero padding per axis. */
    Tensor conv3d(Tensor x, Tensor weight, Optional<Tensor> bias, int padF, int padY, int padX);

    // ---- norms

    /** Over groups of channels of {@code x [B, C, ...]}; {@code weight}, {@code bias} {@code [C]}; biased variance. */
    Tensor groupNorm(Tensor x, int groups, Tensor weight, Tensor bias, double eps);

    /** {@link #groupNorm} followed by SiLU, in one pass where the engine can. */
    Tensor groupNormSilu(Tensor x, int groups, Tensor weight, Tensor bias, double eps);

    /** Over the last axis; {@code weight}, {@code bias} {@code [D]}. */
    Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, double eps);

    /** x · rsqrt(mean(x²) + eps) over the last axis in F32, rounded to x's type, then times {@code weight [D]}, as LLaMA has it. */
    Tensor rmsNorm(Tensor x, Tensor weight, double eps);

    // ---- attention and gates

    /**
     * softmax(q kᵀ · scale + mask) v for {@code q [B, H, T, d]}, {@code k}, {@code v} {@code [B, Hkv, S, d]}; Hkv divides H (grouped
     * heads are shared).
     */
    Tensor attention(Tensor q, Tensor k, Tensor v, AttentionMask mask, double scale);

    /**
     * Rotary position embedding in the rotate-half form: channel i is paired with i + d/2. {@code x [B, H, T, d]}; {@code cos},
     * {@code sin} {@code [T, d/2]} or {@code [B, T, d/2]}, in any float type.
     */
    Tensor rotary(Tensor x, Tensor cos, Tensor sin);

    /** {@code x [..., 2C]}: value half times GELU (erf) of the gate half, {@code [..., C]}; value first. */
    Tensor geglu(Tensor x);

    /** silu(gate) · up. */
    Tensor swiglu(Tensor gate, Tensor up);

    // ---- images

    /** Nearest neighbour to an exact size of {@code x [B, C, Y, X]}: source = floor(target · in / out). */
    Tensor upsampleNearest(Tensor x, long height, long width);

    /** Bilinear (no antialias, half-pixel centres) to an exact size of {@code x [B, C, Y, X]}. */
    Tensor upsampleBilinear(Tensor x, long height, long width);

    /** Mean over square windows of {@code x [B, C, Y, X]}, stride equal to the window. */
    Tensor avgPool2d(Tensor x, int window);

    /** Zeros added before and after: pairs (before, after) for the last axis, then the one before it, and so on. */
    Tensor pad(Tensor x, long... beforeAndAfter);

    // ---- training

    /** Derivatives; empty on an engine that computes forwards only. */
    default Optional<Gradients> gradients() {
        return Optional.empty();
    }

    /** True while the calling thread records for {@link #gradients}. */
    default boolean isRecording() {
        return false;
    }

    /** Frees what the engine itself holds. Tensors still open stay usable. */
    @Override
    void close();
}
