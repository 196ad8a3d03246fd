package io.kinora.model.llm;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.model.parity.Closeness;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Random histories of growing, forking, going back and freeing, on a model in two stages. */
class KvCacheHistoryTest {
    private static Engine engine;

    @BeforeContainer
    static void openEngine() {
        engine = Engines.open(Engines.AUTO, Device.CPU);
    }

    @AfterContainer
    static void closeEngine() {
        engine.close();
    }

    @Property(tries = 25)
    void anyHistoryLeavesEverySequenceAsAFreshPrefillWould(@ForAll long seed) {
        Random random = new Random(seed);
        Map<Long, List<Integer>> expected = new TreeMap<>();
        try (TinyLlama tiny = new TinyLlama(engine, 2, 40, Optional.empty())) {
            long next = 1;
            for (int action = 0; action < 40; action++) {
                List<Long> known = List.copyOf(expected.keySet());
                int kind = known.isEmpty() ? 0 : random.nextInt(8);
                long sequence = known.isEmpty() ? next : known.get(random.nextInt(known.size()));
                if (kind == 0 && known.size() < 6) {
                    expected.put(next, append(tiny, next, List.of(), random));
                    next++;
                } else if (kind == 1 && known.size() < 6) {
                    List<Integer> parent = expected.get(sequence);
                    int length = 1 + random.nextInt(parent.size());
                    tiny.stages().fork(sequence, next, length, length + random.nextInt(20));
                    expected.put(next, parent.subList(0, length));
                    next++;
                } else if (kind == 2) {
                    tiny.stages().free(sequence);
                    expected.remove(sequence);
                } else if (kind == 3) {
                    List<Integer> all = expected.get(sequence);
                    int length = random.nextInt(all.size() + 1);
                    expected.put(sequence, append(tiny, sequence, all.subList(0, length), random));
                } else {
                    expected.put(sequence, append(tiny, sequence, expected.get(sequence), random));
                }
            }
            expected.keySet().forEach(tiny.stages()::free);
            assertThat(tiny.stages().stages())
                    .allMatch(stage -> stage.cache().usage().usedBlocks() == 0);
        }
    }

    /** Appends up to 9 random tokens, and checks the last row against the sequence run alone. */
    private List<Integer> append(TinyLlama tiny, long sequence, List<Integer> before, Random random) {
        int room = 64 - before.size();
        if (room == 0) {
            return before;
        }
        List<Integer> all = new ArrayList<>(before);
        int count = 1 + random.nextInt(Math.min(9, room));
        for (int i = 0; i < count; i++) {
            all.add(random.nextInt(TinyLlama.VOCABULARY));
        }
        float[] last = tiny.run(sequence, before.size(), all.subList(before.size(), all.size()));
        Closeness.of(last, tiny.runAlone(all)).assertWithin("last row", 1e-5);
        return List.copyOf(all);
    }
}
