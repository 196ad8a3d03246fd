package io.kinora.model.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class BlockPoolTest {
    @Test
    void twoGrowingSequencesEachKeepTheirBlocksTogether() {
        BlockPool pool = new BlockPool(32, 16);
        int first = pool.take(1, -1, 6);
        int second = pool.take(2, -1, 6);
        for (int i = 1; i < 6; i++) {
            assertThat(pool.take(1, first + i - 1, 6 - i)).isEqualTo(first + i);
            assertThat(pool.take(2, second + i - 1, 6 - i)).isEqualTo(second + i);
        }
    }

    @Test
    void aStretchStaysInsideItsSlab() {
        BlockPool pool = new BlockPool(20, 8);
        pool.take(1, -1, 5);

        assertThat(pool.take(2, -1, 6)).isEqualTo(8);
        assertThat(pool.take(3, 7, 1)).isNotEqualTo(8);
    }

    @Test
    void promisesGiveWayWhenNothingElseIsFree() {
        BlockPool pool = new BlockPool(4, 4);
        pool.take(1, -1, 4);

        Set<Integer> others = new HashSet<>(List.of(pool.take(2, -1, 1), pool.take(2, -1, 1), pool.take(2, -1, 1)));

        assertThat(others).containsExactlyInAnyOrder(1, 2, 3);
        assertThat(pool.free()).isZero();
        assertThatIllegalStateException().isThrownBy(() -> pool.take(1, 0, 1));
    }

    @Test
    void aForgottenPromiseIsFreeForOthers() {
        BlockPool pool = new BlockPool(4, 4);
        int block = pool.take(1, -1, 4);
        pool.release(block);
        pool.forget(1);

        assertThat(pool.take(2, -1, 4)).isZero();
        assertThat(pool.take(2, 0, 3)).isEqualTo(1);
    }

    @Property
    void aBlockHasOneTakerAndComesBackWithItsLastRelease(
            @ForAll @Size(max = 200) List<@IntRange(max = 99) Integer> actions) {
        BlockPool pool = new BlockPool(24, 8);
        Map<Integer, Integer> references = new HashMap<>();
        for (int action : actions) {
            int owner = 1 + action % 5;
            List<Integer> taken = references.keySet().stream().sorted().toList();
            if (action < 50 && pool.free() > 0) {
                int block = pool.take(owner, taken.isEmpty() ? -1 : taken.get(action % taken.size()), 1 + action % 4);
                assertThat(references).doesNotContainKey(block);
                references.put(block, 1);
            } else if (!taken.isEmpty() && action < 70) {
                int block = taken.get(action % taken.size());
                pool.share(block);
                references.merge(block, 1, Integer::sum);
            } else if (!taken.isEmpty()) {
                int block = taken.get(action % taken.size());
                pool.release(block);
                references.compute(block, (b, count) -> count == 1 ? null : count - 1);
            }
            assertThat(pool.free()).isEqualTo(24 - references.size());
            assertThat(pool.shared()).isEqualTo((int)
                    references.values().stream().filter(n -> n > 1).count());
            assertThat(IntStream.range(0, 24).boxed())
                    .allMatch(block -> pool.references(block) == references.getOrDefault(block, 0));
        }
    }

    @Test
    void releasingAFreeBlockIsAnError() {
        BlockPool pool = new BlockPool(2, 2);
        assertThatIllegalStateException().isThrownBy(() -> pool.release(1)).withMessageContaining("block 1");
    }
}
