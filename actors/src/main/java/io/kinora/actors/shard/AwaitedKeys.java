package io.kinora.actors.shard;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Who waits for what: of those that ask for a key, the first is to bring it, and the others wait for it to come. Confined to one thread.
 *
 * @param <A> those that ask
 */
final class AwaitedKeys<A> {
    private final Map<String, List<A>> askers = new LinkedHashMap<>(); // the first of each list brings the key

    /** Notes that someone asks for a key; true if it is the one to bring it. */
    boolean ask(String key, A asker) {
        List<A> all = askers.computeIfAbsent(key, k -> new ArrayList<>());
        all.add(asker);
        return all.size() == 1;
    }

    boolean isAwaited(String key) {
        return askers.containsKey(key);
    }

    /** The key has come: everyone who asked for it, in order. */
    List<A> come(String key) {
        List<A> all = askers.remove(key);
        return all == null ? List.of() : all;
    }

    /** Nothing will come: everyone who asked for anything, by key. */
    Map<String, List<A>> abandon() {
        Map<String, List<A>> all = new LinkedHashMap<>(askers);
        askers.clear();
        return all;
    }

    /** Someone asks no more: the keys that it was to bring, each with the one who is to bring it instead. */
    Map<String, A> leave(A asker) {
        Map<String, A> next = new LinkedHashMap<>();
        Iterator<Map.Entry<String, List<A>>> entries = askers.entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<String, List<A>> entry = entries.next();
            boolean brought = entry.getValue().get(0).equals(asker);
            entry.getValue().removeIf(asker::equals);
            if (entry.getValue().isEmpty()) {
                entries.remove();
            } else if (brought) {
                next.put(entry.getKey(), entry.getValue().get(0));
            }
        }
        return next;
    }
}
