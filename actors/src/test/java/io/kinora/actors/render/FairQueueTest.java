package io.kinora.actors.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class FairQueueTest {
    private static final double MOST_COST = 8;

    @Test
    void aTenantsOwnJobsComeByPriorityAndThenInTheirOrder() {
        FairQueue<String> queue = equal();
        queue.add("a", 0, 1, "first");
        queue.add("a", 5, 1, "urgent");
        queue.add("a", 0, 1, "second");
        queue.add("a", -1, 1, "whenever");
        assertThat(all(queue)).containsExactly("urgent", "first", "second", "whenever");
    }

    @Test
    void whoAsksForMuchDoesNotKeepOthersWaiting() {
        FairQueue<String> queue = equal();
        IntStream.range(0, 100).forEach(i -> queue.add("greedy", 100, 1, "greedy"));
        queue.add("modest", -100, 1, "modest");
        queue.add("modest", -100, 1, "modest");
        assertThat(all(queue).subList(0, 4)).containsExactlyInAnyOrder("greedy", "modest", "greedy", "modest");
    }

    @Test
    void whoComesBackHasSavedNothingUp() {
        FairQueue<String> queue = equal();
        IntStream.range(0, 50).forEach(i -> queue.add("a", 0, 1, "a"));
        IntStream.range(0, 20).forEach(i -> assertThat(queue.take()).hasValue("a"));
        IntStream.range(0, 10).forEach(i -> queue.add("b", 0, 1, "b"));
        List<String> next =
                IntStream.range(0, 10).mapToObj(i -> queue.take().orElseThrow()).toList();
        assertThat(next.stream().filter("b"::equals)).hasSizeBetween(4, 6);
    }

    @Property(tries = 200)
    void workIsSharedByWeightWhateverItCosts(
            @ForAll @Size(min = 2, max = 5) List<@IntRange(min = 1, max = 4) Integer> weights,
            @ForAll @Size(20) List<@DoubleRange(min = 0.5, max = MOST_COST) Double> costs) {
        FairQueue<Integer> queue = new FairQueue<>(tenant -> weights.get(Integer.parseInt(tenant)));
        for (int job = 0; job < 400; job++) {
            for (int tenant = 0; tenant < weights.size(); tenant++) {
                queue.add(Integer.toString(tenant), 0, cost(costs, job, tenant), tenant);
            }
        }
        Map<Integer, Integer> taken = new HashMap<>();
        Map<Integer, Double> served = new HashMap<>();
        for (int i = 0; i < 200; i++) {
            int tenant = queue.take().orElseThrow();
            int job = taken.merge(tenant, 1, Integer::sum) - 1;
            served.merge(tenant, cost(costs, job, tenant) / weights.get(tenant), Double::sum);
        }
        double least =
                served.values().stream().mapToDouble(Double::doubleValue).min().orElseThrow();
        double most =
                served.values().stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        assertThat(served).hasSize(weights.size());
        assertThat(most - least).as("%s of work per weight", served).isLessThanOrEqualTo(MOST_COST + 1e-9);
    }

    private static double cost(List<Double> costs, int job, int tenant) {
        return costs.get((job + tenant) % costs.size());
    }

    @Test
    void whatIsRemovedIsNotTaken() {
        FairQueue<String> queue = equal();
        queue.add("a", 0, 1, "x");
        queue.add("b", 0, 1, "y");
        assertThat(queue.remove("x"::equals)).isTrue();
        assertThat(queue.remove("x"::equals)).isFalse();
        assertThat(queue.size()).isEqualTo(1);
        assertThat(all(queue)).containsExactly("y");
        assertThat(queue.take()).isEmpty();
    }

    private static FairQueue<String> equal() {
        return new FairQueue<>(tenant -> 1);
    }

    private static List<String> all(FairQueue<String> queue) {
        List<String> taken = new ArrayList<>();
        for (Optional<String> next = queue.take(); next.isPresent(); next = queue.take()) {
            taken.add(next.get());
        }
        return taken;
    }
}
