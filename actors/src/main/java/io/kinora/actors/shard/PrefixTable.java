package io.kinora.actors.shard;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Beginnings of prompts whose keys and values the stages keep, the least recently used first. Confined to the language model's thread. */
final class PrefixTable {
    /** A kept beginning: under which sequence number, and how long. */
    record Kept(long sequence, int rows) {}

    private final int capacity;
    private final Map<String, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);

    PrefixTable(int capacity) {
        this.capacity = capacity;
    }

    /** The kept beginning, which counts as used now. */
    Optional<Kept> find(LanguageModelRequest.Prefix prefix) {
        return Optional.ofNullable(kept.get(prefix.key())).filter(found -> found.rows() == prefix.rows());
    }

    /** Keeps a beginning, and returns the sequences that are to be freed for it: perhaps itself, where nothing may be kept. */
    Collection<Long> keep(LanguageModelRequest.Prefix prefix, long sequence) {
        List<Long> freed = new ArrayList<>();
        Optional.ofNullable(kept.put(prefix.key(), new Kept(sequence, prefix.rows())))
                .ifPresent(replaced -> freed.add(replaced.sequence()));
        while (kept.size() > capacity) {
            dropOldest().ifPresent(freed::add);
        }
        return freed;
    }

    /** Drops the beginning that was not used for longest. */
    Optional<Long> dropOldest() {
        Optional<String> oldest = kept.keySet().stream().findFirst();
        return oldest.map(key -> kept.remove(key).sequence());
    }

    /** Drops all, and returns their sequences. */
    Collection<Long> clear() {
        List<Long> all = kept.values().stream().map(Kept::sequence).toList();
        kept.clear();
        return all;
    }
}
