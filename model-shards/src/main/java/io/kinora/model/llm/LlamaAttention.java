package io.kinora.model.llm;

import io.kinora.model.checkpoint.Weights;
import io.kinora.model.nn.LinearLayer;
import io.kinora.tensor.AttentionMask;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Causal self-attention with rotary positions over the key/value cache; key and value heads may be fewer than query heads.
 *
 * <p>The four matrices work on the packed rows of all sequences at once, attention on each sequence by itself. Letters: N packed rows,
 * T rows of one sequence, S positions it attends to, D width, H query heads, Hkv key and value heads, d head width.
 */
final class LlamaAttention implements AutoCloseable {
    private final LinearLayer qProj; // (H·d, D)
    private final LinearLayer kProj; // (Hkv·d, D)
    private final LinearLayer vProj; // (Hkv·d, D)
    private final LinearLayer oProj; // (D, H·d)
    private final int heads;
    private final int kvHeads;
    private final int headWidth;
    private final double scale;

    LlamaAttention(Weights weights, LlamaConfig config, Optional<Quantization> quantization) {
        int D = config.hiddenSize();
        this.heads = config.heads();
        this.kvHeads = config.kvHeads();
        this.headWidth = config.headWidth();
        this.scale = 1 / Math.sqrt(headWidth);
        int H = heads * headWidth;
        int Hkv = kvHeads * headWidth;
        this.qProj = LinearLayer.withoutBias(weights.at("q_proj"), D, H, quantization);
        this.kProj = LinearLayer.withoutBias(weights.at("k_proj"), D, Hkv, quantization);
        this.vProj = LinearLayer.withoutBias(weights.at("v_proj"), D, Hkv, quantization);
        this.oProj = LinearLayer.withoutBias(weights.at("o_proj"), H, D, quantization);
        weights.ignore("rotary_emb");
    }

    /** {@code layer} counts within the stage. */
    Tensor forward(Tensor x, RotaryTable.Angles angles, List<CachedSegment> segments, int layer) { // (N, D) -> (N, D)
        Tensor q = angles.turn(heads(qProj.forward(x), heads)); // (1, H, N, d)
        Tensor k = angles.turn(heads(kProj.forward(x), kvHeads)); // (1, Hkv, N, d)
        Tensor v = heads(vProj.forward(x), kvHeads); // (1, Hkv, N, d)
        List<Tensor> mixed = new ArrayList<>();
        for (CachedSegment segment : segments) {
            int from = segment.offset();
            int to = from + segment.rows();
            mixed.add(attend(q.slice(2, from, to), k.slice(2, from, to), v.slice(2, from, to), segment, layer));
        }
        return oProj.forward(mixed.size() == 1 ? mixed.get(0) : x.engine().cat(mixed, 0));
    }

    private Tensor heads(Tensor x, int count) { // (N, count·d) -> (1, count, N, d)
        return x.reshape(1, x.dim(0), count, headWidth).transpose(1, 2);
    }

    private Tensor attend(Tensor q, Tensor k, Tensor v, CachedSegment segment, int layer) { // -> (T, H·d)
        segment.write(layer, k.squeeze(0), v.squeeze(0));
        if (segment.rows() == 1) {
            return decode(q, segment.reads(), layer);
        }
        if (segment.past() == 0) {
            return rows(q.engine().attention(q, k, v, AttentionMask.CAUSAL, scale));
        }
        Tensor keys = joined(
                q.engine(), segment.reads().stream().map(run -> run.keys(layer)).toList());
        Tensor values = joined(
                q.engine(),
                segment.reads().stream().map(run -> run.values(layer)).toList());
        return rows(q.engine().attention(q, keys, values, AttentionMask.CAUSAL, scale));
    }

    private static Tensor joined(Engine engine, List<Tensor> runs) { // each (Hkv, s, d) -> (1, Hkv, S, d)
        return (runs.size() == 1 ? runs.get(0) : engine.cat(runs, 1)).unsqueeze(0);
    }

    private Tensor rows(Tensor mixed) { // (1, H, T, d) -> (T, H·d)
        return mixed.transpose(1, 2).reshape(mixed.dim(2), (long) heads * headWidth);
    }

    /** One new token: two products for each run, so that a prefix shared with other sequences is read where it lies. */
    private Tensor decode(Tensor q, List<KvRun> runs, int layer) { // (1, H, 1, d) -> (1, H·d)
        Engine engine = q.engine();
        Tensor grouped = q.reshape(kvHeads, heads / kvHeads, headWidth).mul(scale); // (Hkv, H/Hkv, d)
        List<Tensor> scores = new ArrayList<>();
        for (KvRun run : runs) {
            scores.add(engine.matmul(grouped, run.keys(layer).transpose(1, 2))); // (Hkv, H/Hkv, s)
        }
        Tensor weights = (scores.size() == 1 ? scores.get(0) : engine.cat(scores, 2)).softmax(2);
        List<Tensor> parts = new ArrayList<>();
        int from = 0;
        for (KvRun run : runs) {
            Tensor share = weights.slice(2, from, from + run.size());
            parts.add(engine.matmul(share, run.values(layer))); // (Hkv, H/Hkv, d)
            from += run.size();
        }
        Tensor sum = parts.get(0);
        for (Tensor part : parts.subList(1, parts.size())) {
            sum = sum.add(part);
        }
        return sum.reshape(1, (long) heads * headWidth);
    }

    @Override
    public void close() {
        qProj.close();
        kProj.close();
        vProj.close();
        oProj.close();
    }
}
