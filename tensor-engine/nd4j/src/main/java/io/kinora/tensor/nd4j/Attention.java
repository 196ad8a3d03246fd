package io.kinora.tensor.nd4j;

import io.kinora.tensor.AttentionMask;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Scaled dot-product attention, composed: ND4J has no fused kernel. Scores are made for a block of queries at a time, so that memory grows
 * with the keys and not with their square. For use inside a call.
 */
final class Attention {
    /** Scores of a block, all heads together: 16 MiB in single precision. */
    private static final long SCORES = 4 << 20;

    private final Calls calls;
    private final Nd4jTensor q;
    private final Nd4jTensor k;
    private final Nd4jTensor v;
    private final AttentionMask mask;
    private final double scale;

    private Attention(Calls calls, Nd4jTensor q, Nd4jTensor k, Nd4jTensor v, AttentionMask mask, double scale) {
        this.calls = calls;
        this.q = q;
        this.k = k;
        this.v = v;
        this.mask = mask;
        this.scale = scale;
    }

    static Tensor of(Calls calls, Nd4jTensor q, Nd4jTensor k, Nd4jTensor v, AttentionMask mask, double scale) {
        if (q.layout().rank() != 4 || k.layout().rank() != 4 || v.layout().rank() != 4) {
            throw new Misfit("q is [B, H, T, d], k and v are [B, Hkv, S, d]");
        }
        Products.sameType(q, k);
        Products.sameType(q, v);
        if (k.dim(0) != v.dim(0) || k.dim(1) != v.dim(1) || k.dim(2) != v.dim(2)) {
            throw new Misfit("keys and values must be equally many");
        }
        if (q.dim(0) != k.dim(0) || q.dim(3) != k.dim(3)) {
            throw new Misfit("queries and keys must come in equal batches and be equally wide");
        }
        if (k.dim(1) == 0 || q.dim(1) % k.dim(1) != 0) {
            throw new Misfit("%d heads of queries cannot share %d heads of keys".formatted(q.dim(1), k.dim(1)));
        }
        if (mask instanceof AttentionMask.Causal && q.dim(2) > k.dim(2)) {
            throw new Misfit("causal queries are the last of the keys, so there cannot be %d of them for %d keys"
                    .formatted(q.dim(2), k.dim(2)));
        }
        if (mask instanceof AttentionMask.Bias bias) {
            Broadcast.require(bias.scores().shape(), Shape.of(q.dim(0), q.dim(1), q.dim(2), k.dim(2)));
        }
        return new Attention(calls, q, k, v, mask, scale).compute();
    }

    private Tensor compute() {
        long heads = q.dim(0) * q.dim(1);
        long T = q.dim(2);
        long S = k.dim(2);
        long d = q.dim(3);
        long e = v.dim(3);
        Shape shape = Shape.of(q.dim(0), q.dim(1), T, e);
        return calls.compute("attention", q.dtype(), shape, work -> {
            DataType type = Types.computed(q.dtype());
            if (S == 0) {
                return work.filled(0, type, shape.toArray());
            }
            INDArray queries = work.shaped(
                    work.pair(
                            "multiply",
                            work.read(q, type),
                            work.number(scale, type),
                            q.layout().sizes()),
                    heads,
                    T,
                    d);
            INDArray keys = work.shaped(shared(work, k, type), heads, S, d);
            INDArray values = work.shaped(shared(work, v, type), heads, S, e);
            INDArray result = work.make(type, heads, T, e);
            long block = Math.max(1, Math.min(T, SCORES / (heads * S)));
            for (long from = 0; from < T; from += block) {
                long count = Math.min(block, T - from);
                try (Work inner = new Work()) {
                    INDArray rows = inner.copy(rows(inner, queries, from, count));
                    INDArray scores = inner.product(rows, keys, true, heads, count, S);
                    hide(inner, scores, from, count, type);
                    INDArray attended = inner.product(inner.softmax(scores, 2), values, false, heads, count, e);
                    rows(inner, result, from, count).assign(attended);
                }
            }
            return result;
        });
    }

    /** Adds what the mask says to the scores {@code [heads, count, S]} of some queries, in place. */
    private void hide(Work work, INDArray scores, long from, long count, DataType type) {
        long S = k.dim(2);
        if (mask instanceof AttentionMask.Causal) {
            long first = S - q.dim(2) + from;
            if (first + 1 >= S) {
                return;
            }
            float[] rows = new float[Math.toIntExact(count * S)];
            for (int t = 0; t < count; t++) {
                for (long s = first + t + 1; s < S; s++) {
                    rows[Math.toIntExact(t * S + s)] = Float.NEGATIVE_INFINITY;
                }
            }
            work.pairInto("add", scores, work.cast(work.shaped(work.floats(rows), 1, count, S), type));
        } else if (mask instanceof AttentionMask.Bias bias) {
            Nd4jTensor all = calls.mine(bias.scores());
            Layout wide = all.layout().expand(q.dim(0), q.dim(1), q.dim(2), S).slice(2, from, from + count);
            INDArray added = work.cast(work.copy(work.at(all, wide)), type);
            work.pairInto("add", scores, work.shaped(added, q.dim(0) * q.dim(1), count, S));
        }
    }

    private static INDArray rows(Work work, INDArray heads, long from, long count) {
        return work.view(heads, Layout.rowMajor(Shape.of(heads.shape())).slice(1, from, from + count));
    }

    /** Keys or values {@code [B, Hkv, S, d]} with every head repeated for the queries' heads that share it. */
    private INDArray shared(Work work, Nd4jTensor tensor, DataType type) {
        INDArray rows = work.read(tensor, type);
        long shared = tensor.dim(1);
        long times = q.dim(1) / shared;
        if (times == 1) {
            return rows;
        }
        INDArray split = work.shaped(rows, tensor.dim(0), shared, 1, tensor.dim(2), tensor.dim(3));
        return Joining.repeated(work, split, Shape.of(tensor.dim(0), shared, times, tensor.dim(2), tensor.dim(3)));
    }
}
