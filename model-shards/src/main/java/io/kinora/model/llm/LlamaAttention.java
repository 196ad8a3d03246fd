package io.kinora.model.llm;

import io.kinora.model.checkpoint.Weights;
import io.kinora.model.nn.LinearLayer;
import io.kinora.tensor.AttentionMask;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Tensor;
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
    private final DecodeAttention decode;

    LlamaAttention(Weights weights, LlamaConfig config, Optional<Quantization> quantization) {
        int D = config.hiddenSize();
        this.heads = config.heads();
        this.kvHeads = config.kvHeads();
        this.headWidth = config.headWidth();
        this.scale = 1 / Math.sqrt(headWidth);
        this.decode = new DecodeAttention(config);
        int H = heads * headWidth;
        int Hkv = kvHeads * headWidth;
        this.qProj = LinearLayer.withoutBias(weights.at("q_proj"), D, H, quantization);
        this.kProj = LinearLayer.withoutBias(weights.at("k_proj"), D, Hkv, quantization);
        this.vProj = LinearLayer.withoutBias(weights.at("v_proj"), D, Hkv, quantization);
        this.oProj = LinearLayer.withoutBias(weights.at("o_proj"), H, D, quantization);
        weights.ignore("rotary_emb");
    }

    /** {@code layer} counts within the stage. */
    Tensor forward(Tensor x, RotaryTable.Angles angles, CachedBatch batch, int layer) { // (N, D) -> (N, D)
        Tensor q = angles.turn(heads(qProj.forward(x), heads)); // (1, H, N, d)
        Tensor k = angles.turn(heads(kProj.forward(x), kvHeads)); // (1, Hkv, N, d)
        Tensor v = heads(vProj.forward(x), kvHeads); // (1, Hkv, N, d)
        List<CachedSegment> segments = batch.segments();
        Tensor[] mixed = new Tensor[segments.size()];
        for (int i = 0; i < mixed.length; i++) {
            CachedSegment segment = segments.get(i);
            long from = segment.offset();
            long to = from + segment.rows();
            Tensor keys = k.slice(2, from, to);
            Tensor values = v.slice(2, from, to);
            segment.write(layer, keys.squeeze(0), values.squeeze(0));
            if (segment.rows() > 1) {
                mixed[i] = prefill(q.slice(2, from, to), keys, values, segment, layer); // (T, H·d)
            }
        }
        for (DecodeGroup group : batch.decodeGroups()) {
            List<Tensor> rows = decode.forward(q, group, layer);
            for (int m = 0; m < rows.size(); m++) {
                mixed[group.members().get(m).segment()] = rows.get(m); // (1, H·d)
            }
        }
        return oProj.forward(mixed.length == 1 ? mixed[0] : x.engine().cat(List.of(mixed), 0));
    }

    /** Whole sequences at once, without the cache. */
    Tensor forward(Tensor x, RotaryTable.Angles angles, AttentionMask mask) { // (B, T, D) -> (B, T, D)
        Tensor q = angles.turn(sequenceHeads(qProj.forward(x), heads)); // (B, H, T, d)
        Tensor k = angles.turn(sequenceHeads(kProj.forward(x), kvHeads)); // (B, Hkv, T, d)
        Tensor v = sequenceHeads(vProj.forward(x), kvHeads); // (B, Hkv, T, d)
        Tensor mixed = x.engine().attention(q, k, v, mask, scale); // (B, H, T, d)
        return oProj.forward(mixed.transpose(1, 2).reshape(x.dim(0), x.dim(1), (long) heads * headWidth));
    }

    private Tensor sequenceHeads(Tensor x, int count) { // (B, T, count·d) -> (B, count, T, d)
        return x.reshape(x.dim(0), x.dim(1), count, headWidth).transpose(1, 2);
    }

    private Tensor heads(Tensor x, int count) { // (N, count·d) -> (1, count, N, d)
        return x.reshape(1, x.dim(0), count, headWidth).transpose(1, 2);
    }

    /** Rows of a prompt: to each other, and to the positions that the cache holds before them. */
    private Tensor prefill(Tensor q, Tensor k, Tensor v, CachedSegment segment, int layer) { // -> (T, H·d)
        if (segment.past() == 0) {
            return rows(q.engine().attention(q, k, v, AttentionMask.CAUSAL, scale));
        }
        List<KvRun> runs = segment.reads();
        Tensor keys =
                joined(q.engine(), runs.stream().map(run -> run.keys(layer)).toList());
        Tensor values =
                joined(q.engine(), runs.stream().map(run -> run.values(layer)).toList());
        return rows(q.engine().attention(q, keys, values, AttentionMask.CAUSAL, scale));
    }

    private static Tensor joined(Engine engine, List<Tensor> runs) { // each (Hkv, s, d) -> (1, Hkv, S, d)
        return (runs.size() == 1 ? runs.get(0) : engine.cat(runs, 1)).unsqueeze(0);
    }

    private Tensor rows(Tensor mixed) { // (1, H, T, d) -> (T, H·d)
        return mixed.transpose(1, 2).reshape(mixed.dim(2), (long) heads * headWidth);
    }

    @Override
    public void close() {
        qProj.close();
        kProj.close();
        vProj.close();
        oProj.close();
    }
}
