package io.kinora.model.llm;

import io.kinora.tensor.Tensor;
import java.util.List;

/**
 * Where one segment of a batch stands in the cache: the runs its rows are written to, and the runs it attends to, which end with them.
 *
 * @param offset number of its first row in the packed tensor
 * @param rows its rows
 * @param past positions of the sequence before them
 */
record CachedSegment(int offset, int rows, int past, List<KvRun> writes, List<KvRun> reads) {
    void write(int layer, Tensor k, Tensor v) { // (Hkv, T, d)
        int done = 0;
        for (KvRun run : writes) {
            run.write(layer, k, v, done);
            done += run.size();
        }
    }
}
