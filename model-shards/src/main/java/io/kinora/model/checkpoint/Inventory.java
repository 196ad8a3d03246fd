package io.kinora.model.checkpoint;

import io.kinora.tensor.DType;
import io.kinora.tensor.file.TensorInfo;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a checkpoint holds, as its headers say: enough to plan shards before a byte of weights is read.
 *
 * @param tensors by the model's names, in the files' order; unmodifiable
 */
public record Inventory(Map<String, TensorInfo> tensors) {
    /** Copies the map. */
    public Inventory {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    }

    /** Bytes of all tensors as stored. */
    public long bytes() {
        return bytes("");
    }

    /** Bytes, as stored, of the tensors whose names start with a prefix. */
    public long bytes(String prefix) {
        return tensors.entrySet().stream()
                .filter(tensor -> tensor.getKey().startsWith(prefix))
                .mapToLong(tensor -> tensor.getValue().bytes())
                .sum();
    }

    /** Bytes of the tensors whose names start with a prefix, once floating-point ones are converted to a type. */
    public long bytesAs(DType type, String prefix) {
        return tensors.entrySet().stream()
                .filter(tensor -> tensor.getKey().startsWith(prefix))
                .map(Map.Entry::getValue)
                .mapToLong(info -> TensorInfo.bytes(info.dtype().isFloat() ? type : info.dtype(), info.shape()))
                .sum();
    }
}
