package io.kinora.model.llm;

import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Attention of new tokens to everything before them, over runs of the cache where they lie: a product with the keys of each run, one softmax
 * over all, a product with the values of each run. What several sequences share is read once for all of them.
 *
 * <p>Letters: M sequences of a group, H query heads, K key and value heads, G = H / K, d head width, s positions of a run.
 */
final class DecodeAttention {
    private final int kvHeads;
    private final int groupSize;
    private final int headWidth;
    private final double scale;

    DecodeAttention(LlamaConfig config) {
        this.kvHeads = config.kvHeads();
        this.groupSize = config.groupSize();
        this.headWidth = config.headWidth();
        this.scale = 1 / Math.sqrt(headWidth);
    }

    /** Queries of the packed rows {@code (1, H, N, d)} to a row {@code (1, H·d)} for each member of the group, in order. */
    List<Tensor> forward(Tensor q, DecodeGroup group, int layer) {
        Engine engine = q.engine();
        int M = group.members().size();
        Tensor queries =
                rows(q, group).reshape(kvHeads, groupSize, M, headWidth).mul(scale); // (K, G, M, d)
        Optional<Tensor> sharedScores = group.shared()
                .map(run -> engine.matmul(flat(queries), run.keys(layer).transpose(1, 2))) // (K, G·M, s)
                .map(scores -> scores.reshape(kvHeads, groupSize, M, -1));
        List<Tensor> sharedWeights = new ArrayList<>();
        List<Tensor> mixed = new ArrayList<>();
        for (int m = 0; m < M; m++) {
            int member = m;
            List<KvRun> own = group.members().get(m).own();
            List<Tensor> scores = new ArrayList<>();
            sharedScores.ifPresent(all -> scores.add(all.select(2, member))); // (K, G, s)
            own.forEach(run -> scores.add(
                    engine.matmul(queries.select(2, member), run.keys(layer).transpose(1, 2))));
            Tensor weights = (scores.size() == 1 ? scores.get(0) : engine.cat(scores, 2)).softmax(2); // (K, G, S)
            long from = 0;
            if (group.shared().isPresent()) {
                from = group.shared().get().size();
                sharedWeights.add(weights.slice(2, 0, from));
            }
            mixed.add(mix(weights, from, own, layer)); // (K, G, d)
        }
        if (group.shared().isPresent()) {
            Tensor weights = flat(engine.stack(sharedWeights, 2)); // (K, G·M, s)
            Tensor common = engine.matmul(weights, group.shared().get().values(layer))
                    .reshape(kvHeads, groupSize, M, headWidth);
            for (int m = 0; m < M; m++) {
                mixed.set(m, mixed.get(m).add(common.select(2, m)));
            }
        }
        return mixed.stream()
                .map(row -> row.reshape(1, (long) kvHeads * groupSize * headWidth))
                .toList();
    }

    private static Tensor rows(Tensor q, DecodeGroup group) { // (1, H, N, d) -> (1, H, M, d)
        List<Tensor> rows = group.members().stream()
                .map(member -> q.slice(2, member.row(), member.row() + 1L))
                .toList();
        return rows.size() == 1 ? rows.get(0) : q.engine().cat(rows, 2);
    }

    private Tensor flat(Tensor x) { // (K, G, M, s) -> (K, G·M, s)
        return x.reshape(kvHeads, x.dim(1) * x.dim(2), x.dim(3));
    }

    /** The values of the runs, weighted: the columns of {@code weights} from {@code from} on belong to them. */
    private Tensor mix(Tensor weights, long from, List<KvRun> runs, int layer) { // (K, G, S) -> (K, G, d)
        Engine engine = weights.engine();
        Optional<Tensor> sum = Optional.empty();
        long column = from;
        for (KvRun run : runs) {
            Tensor part = engine.matmul(weights.slice(2, column, column + run.size()), run.values(layer));
            sum = Optional.of(sum.map(part::add).orElse(part));
            column += run.size();
        }
        return sum.orElseThrow();
    }
}
