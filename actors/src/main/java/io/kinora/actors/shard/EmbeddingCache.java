package io.kinora.actors.shard;

import io.kinora.tensor.Tensor;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Embeddings by key within a number of bytes, the least recently used dropped first. Confined to the encoder's thread. */
final class EmbeddingCache implements AutoCloseable {
    /** What is kept; the tensor stays the cache's. */
    record Entry(Tensor embeddings, List<Duration> timestamps) {
        long bytes() {
            return embeddings.shape().elements() * embeddings.dtype().bytes();
        }
    }

    private final long budget;
    private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    EmbeddingCache(long budget) {
        this.budget = budget;
    }

    Optional<Entry> find(String key) {
        return Optional.ofNullable(entries.get(key));
    }

    /** Takes the tensor over. What was kept longest without use makes place; one entry is kept whatever its size. */
    void keep(String key, Tensor embeddings, List<Duration> timestamps) {
        Entry entry = new Entry(embeddings, timestamps);
        Optional.ofNullable(entries.put(key, entry)).ifPresent(this::drop);
        bytes += entry.bytes();
        Iterator<Entry> oldest = entries.values().iterator();
        while (bytes > budget && entries.size() > 1) {
            drop(oldest.next());
            oldest.remove();
        }
    }

    private void drop(Entry entry) {
        bytes -= entry.bytes();
        entry.embeddings().close();
    }

    @Override
    public void close() {
        entries.values().forEach(this::drop);
        entries.clear();
    }
}
