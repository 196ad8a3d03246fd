package io.kinora.model.llm;

import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Memory for keys and values of many neighbouring positions, layer by layer; within a head, positions lie one after another. */
final class KvSlab implements AutoCloseable {
    private final List<Tensor> keys; // per layer (Hkv, S, d)
    private final List<Tensor> values; // per layer (Hkv, S, d)

    KvSlab(Engine engine, KvCacheLayout layout, int positions) {
        List<Tensor> keysOfLayers = new ArrayList<>();
        List<Tensor> valuesOfLayers = new ArrayList<>();
        try (Scope scope = engine.scope()) {
            for (int layer = 0; layer < layout.layers(); layer++) {
                keysOfLayers.add(
                        scope.detach(engine.zeros(layout.dtype(), layout.kvHeads(), positions, layout.headWidth())));
                valuesOfLayers.add(
                        scope.detach(engine.zeros(layout.dtype(), layout.kvHeads(), positions, layout.headWidth())));
            }
        }
        this.keys = List.copyOf(keysOfLayers);
        this.values = List.copyOf(valuesOfLayers);
    }

    Tensor keys(int layer, int from, int to) {
        return keys.get(layer).slice(1, from, to);
    }

    Tensor values(int layer, int from, int to) {
        return values.get(layer).slice(1, from, to);
    }

    @Override
    public void close() {
        keys.forEach(Tensor::close);
        values.forEach(Tensor::close);
    }
}
