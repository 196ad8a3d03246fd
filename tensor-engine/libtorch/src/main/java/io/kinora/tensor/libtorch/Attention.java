package io.kinora.tensor.libtorch;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Fused scaled dot-product attention. For use inside a call.
 *
 * <p>Letters: B batch, H heads of queries, K heads of keys and values, G = H / K queries' heads that share one, T queries, S keys,
 * d head width. Shared heads become the batch, {@code [B·K, G, T, d]}, so that keys and values are broadcast as views and never
 * repeated in memory.
 */
final class Attention {
    // Rows of queries that share one mask where a causal mask is not square: bounds the mask to 256 x S.
    private static final int CAUSAL_BLOCK = 256;

    private Attention() {}

    static Tensor full(Tensor q, Tensor k, Tensor v, double scale) {
        Heads heads = Heads.of(q, k, v);
        return heads.ungroup(fused(heads, new TensorOptional(), false, scale));
    }

    static Tensor biased(Tensor q, Tensor k, Tensor v, Tensor bias, double scale) {
        Heads heads = Heads.of(q, k, v);
        Tensor scores = heads.grouped()
                ? bias.expand(q.size(0), q.size(1), q.size(2), k.size(2))
                        .reshape(heads.q().size(0), heads.q().size(1), q.size(2), k.size(2))
                : bias;
        return heads.ungroup(fused(heads, new TensorOptional(scores.to(q.scalar_type())), false, scale));
    }

    static Tensor causal(Tensor q, Tensor k, Tensor v, double scale) {
        long T = q.size(2);
        long S = k.size(2);
        if (T > S) {
            throw new Misfit("causal queries are the last of the keys, so there cannot be %d of them for %d keys"
                    .formatted(T, S));
        }
        Heads heads = Heads.of(q, k, v);
        if (T == 1) {
            return heads.ungroup(fused(heads, new TensorOptional(), false, scale));
        }
        if (T == S) {
            return heads.ungroup(fused(heads, new TensorOptional(), true, scale));
        }
        TensorVector blocks = new TensorVector();
        for (long from = 0; from < T; from += CAUSAL_BLOCK) {
            long rows = Math.min(CAUSAL_BLOCK, T - from);
            long seen = S - T + from + rows;
            Heads block = new Heads(
                    q,
                    heads.q().narrow(2, from, rows),
                    heads.k().narrow(2, 0, seen),
                    heads.v().narrow(2, 0, seen));
            Tensor mask = torch.full(new long[] {rows, seen}, new Scalar(Double.NEGATIVE_INFINITY), q.options())
                    .triu(seen - rows + 1);
            blocks.push_back(fused(block, new TensorOptional(mask), false, scale));
        }
        return heads.ungroup(torch.cat(blocks, 2));
    }

    private static Tensor fused(Heads heads, TensorOptional mask, boolean causal, double scale) {
        if (GradMode.is_enabled()
                && heads.q().is_cpu()
                && heads.q().scalar_type().intern() == ScalarType.BFloat16) {
            return composed(heads, mask, causal, scale);
        }
        return torch.scaled_dot_product_attention(
                heads.q(), heads.k(), heads.v(), mask, 0.0, causal, new DoubleOptional(scale), false);
    }

    /** The definition, in recordings: the derivative of the fused kernel takes the processor three times as long in this type. */
    private static Tensor composed(Heads heads, TensorOptional mask, boolean causal, double scale) {
        Tensor scores = torch.matmul(heads.q().mul(new Scalar(scale)), heads.k().transpose(-1, -2));
        if (mask.has_value()) {
            scores = scores.add(mask.get());
        }
        if (causal) {
            long[] square = {heads.q().size(2), heads.k().size(2)};
            scores = scores.add(torch.full(
                            square,
                            new Scalar(Double.NEGATIVE_INFINITY),
                            heads.q().options())
                    .triu(1));
        }
        return torch.matmul(scores.softmax(-1), heads.v());
    }

    /** Queries, keys and values with shared heads made one batch. */
    private record Heads(Tensor original, Tensor q, Tensor k, Tensor v) {
        static Heads of(Tensor q, Tensor k, Tensor v) {
            if (q.dim() != 4 || k.dim() != 4 || v.dim() != 4) {
                throw new Misfit("q must be [B, H, T, d], k and v [B, Hkv, S, d]; they have %d, %d and %d axes"
                        .formatted(q.dim(), k.dim(), v.dim()));
            }
            // The fused kernel reads keys and values by the keys' sizes, unchecked.
            if (k.size(0) != v.size(0) || k.size(1) != v.size(1) || k.size(2) != v.size(2)) {
                throw new Misfit("keys and values must be equally many");
            }
            if (q.size(0) != k.size(0)) {
                throw new Misfit("queries and keys must come in equal batches");
            }
            long B = q.size(0);
            long H = q.size(1);
            long K = k.size(1);
            if (H == K) {
                return new Heads(q, q, k, v);
            }
            if (K == 0 || H % K != 0) {
                throw new Misfit("%d heads of queries cannot share %d heads of keys".formatted(H, K));
            }
            return new Heads(
                    q, q.reshape(B * K, H / K, q.size(2), q.size(3)), share(k, B, K, H / K), share(v, B, K, H / K));
        }

        // [B, K, S, d] -> [B·K, G, S, d]
        private static Tensor share(Tensor t, long batch, long shared, long G) {
            return t.reshape(batch * shared, 1, t.size(2), t.size(3)).expand(-1, G, -1, -1);
        }

        boolean grouped() {
            return q.size(1) != original.size(1);
        }

        // [B·K, G, T, d] -> [B, H, T, d]
        Tensor ungroup(Tensor attended) {
            return grouped()
                    ? attended.reshape(original.size(0), original.size(1), attended.size(2), attended.size(3))
                    : attended;
        }
    }
}
