package io.kinora.model.llm;

import io.kinora.tensor.Tensor;

/** Consecutive positions of one sequence that lie side by side in one slab: {@code from} (inclusive) to {@code to} (exclusive). */
record KvRun(KvSlab slab, int from, int to) {
    int size() {
        return to - from;
    }

    Tensor keys(int layer) { // (Hkv, size, d)
        return slab.keys(layer, from, to);
    }

    Tensor values(int layer) { // (Hkv, size, d)
        return slab.values(layer, from, to);
    }

    /** Writes rows {@code offset..offset+size} of keys and values {@code [Hkv, T, d]} here. */
    void write(int layer, Tensor k, Tensor v, int offset) {
        keys(layer).copyFrom(k.slice(1, offset, offset + size()));
        values(layer).copyFrom(v.slice(1, offset, offset + size()));
    }
}
