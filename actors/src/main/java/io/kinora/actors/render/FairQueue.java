package io.kinora.actors.render;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * What waits, of several tenants: each gets its share of the work, and among its own the highest priority comes first, then what came first.
 *
 * <p>Start-time fair queuing: a tenant's clock advances by the cost of what is taken for it, over its weight, and the tenant whose clock is behind is
 * served. One that comes back after a while begins at the clock of the others: idling saves nothing up. Goyal, Vin and Cheng 1996. Not thread-safe.
 */
final class FairQueue<T> {
    private record Waiting<T>(T item, int priority, double cost, long arrival) {}

    private static final class Tenant<T> {
        private final PriorityQueue<Waiting<T>> waiting = new PriorityQueue<>(
                Comparator.comparingInt((Waiting<T> next) -> -next.priority()).thenComparingLong(Waiting::arrival));
        private double clock;
    }

    private final ToDoubleFunction<String> weight;
    private final Map<String, Tenant<T>> tenants = new HashMap<>();
    private double now;
    private long arrivals;

    /** @param weight of each tenant, above 0: of two with work to do, one of weight 2 gets twice that of one of weight 1 */
    FairQueue(ToDoubleFunction<String> weight) {
        this.weight = weight;
    }

    /**
     * Puts an item behind what its tenant has.
     *
     * @param cost of the item in any unit that is the same for all
     */
    void add(String tenant, int priority, double cost, T item) {
        Tenant<T> owner = tenants.computeIfAbsent(tenant, name -> new Tenant<>());
        if (owner.waiting.isEmpty()) {
            owner.clock = Math.max(owner.clock, now);
        }
        owner.waiting.add(new Waiting<>(item, priority, cost, ++arrivals));
    }

    /** Takes the next; empty if nothing waits. */
    Optional<T> take() {
        Optional<Map.Entry<String, Tenant<T>>> next = tenants.entrySet().stream()
                .filter(tenant -> !tenant.getValue().waiting.isEmpty())
                .min(Comparator.comparingDouble((Map.Entry<String, Tenant<T>> tenant) -> tenant.getValue().clock)
                        .thenComparingLong(
                                tenant -> tenant.getValue().waiting.peek().arrival()));
        return next.map(found -> {
            Tenant<T> owner = found.getValue();
            Waiting<T> first = owner.waiting.remove();
            now = owner.clock;
            owner.clock += first.cost() / weight.applyAsDouble(found.getKey());
            forgetIdle();
            return first.item();
        });
    }

    /** A tenant that has nothing and is not ahead is as good as new. */
    private void forgetIdle() {
        tenants.values().removeIf(tenant -> tenant.waiting.isEmpty() && tenant.clock <= now);
    }

    /** Removes every item that meets a condition; true if there was one. */
    boolean remove(Predicate<T> condition) {
        boolean found = false;
        for (Tenant<T> tenant : tenants.values()) {
            for (Iterator<Waiting<T>> all = tenant.waiting.iterator(); all.hasNext(); ) {
                if (condition.test(all.next().item())) {
                    all.remove();
                    found = true;
                }
            }
        }
        return found;
    }

    /** How many wait. */
    int size() {
        return tenants.values().stream()
                .mapToInt(tenant -> tenant.waiting.size())
                .sum();
    }
}
