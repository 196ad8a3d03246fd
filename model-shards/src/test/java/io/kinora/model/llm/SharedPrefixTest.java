package io.kinora.model.llm;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.model.parity.Closeness;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several sequences that go on from one long prefix, decoded together. */
class SharedPrefixTest {
    private static Engine engine;

    @BeforeAll
    static void openEngine() {
        engine = Engines.open(Engines.AUTO, Device.CPU);
    }

    @AfterAll
    static void closeEngine() {
        engine.close();
    }

    // On a block's edge the parent goes on beside the shared blocks, inside a block it gets a copy of the last one.
    @ParameterizedTest
    @ValueSource(ints = {128, 137})
    void forksDecodedTogetherGiveWhatEachGivesAlone(int prefixLength) {
        try (TinyLlama model = new TinyLlama(engine, TinyLlama.config(256), 2, 64, Optional.empty())) {
            List<Integer> prefix = tokens(prefixLength);
            Map<Long, List<Integer>> sequences = new TreeMap<>();
            model.run(1, 0, prefix);
            sequences.put(1L, prefix);
            for (long fork = 2; fork <= 4; fork++) {
                int length = prefixLength - (int) fork;
                model.stages().fork(1, fork, length, 160);
                sequences.put(fork, prefix.subList(0, length));
            }
            sequences.put(5L, tokens(70));
            model.run(5, 0, tokens(70));

            for (int step = 0; step < 20; step++) {
                decodeTogether(model, sequences, step);
            }

            for (Map.Entry<Long, List<Integer>> sequence : sequences.entrySet()) {
                List<Integer> longer = with(sequence.getValue(), 11);
                float[] last = model.run(sequence.getKey(), longer.size() - 1, List.of(11));
                Closeness.of(last, model.runAlone(longer)).assertWithin("sequence " + sequence.getKey(), 1e-5);
            }
        }
    }

    @Test
    void sequencesThatShareALongBeginningAreOneGroupAndOthersStandAlone() {
        KvCacheLayout layout = KvCacheLayout.of(TinyLlama.config(256), 3, DType.F32);
        try (KvCache cache = new KvCache(engine, layout, 64 * layout.blockBytes())) {
            cache.reserve(StageBatch.of(1, 0, 100));
            cache.reserve(StageBatch.of(4, 0, 100));
            cache.fork(1, 2, 90, 120);
            cache.fork(1, 3, 40, 120);
            CachedBatch batch = cache.reserve(new StageBatch(List.of(
                    new StageBatch.Segment(2, 90, 1),
                    new StageBatch.Segment(4, 100, 1),
                    new StageBatch.Segment(1, 100, 1))));

            List<DecodeGroup> groups = batch.decodeGroups();
            assertThat(groups).hasSize(2);
            assertThat(groups.get(0).shared()).map(KvRun::size).contains(80);
            assertThat(groups.get(0).members())
                    .extracting(DecodeGroup.Member::segment)
                    .containsExactly(0, 2);
            assertThat(groups.get(1).shared()).isEmpty();

            CachedBatch withShortFork = cache.reserve(
                    new StageBatch(List.of(new StageBatch.Segment(3, 40, 1), new StageBatch.Segment(2, 91, 1))));
            assertThat(withShortFork.decodeGroups()).hasSize(2).allMatch(group -> group.shared()
                    .isEmpty());
        }
    }

    private static void decodeTogether(TinyLlama model, Map<Long, List<Integer>> sequences, int step) {
        List<StageBatch.Segment> segments = new ArrayList<>();
        List<Integer> news = new ArrayList<>();
        sequences.replaceAll((sequence, tokens) -> {
            int token = (int) ((3L * step + 5 * sequence) % TinyLlama.VOCABULARY);
            segments.add(new StageBatch.Segment(sequence, tokens.size(), 1));
            news.add(token);
            return with(tokens, token);
        });
        try (Scope scope = engine.scope()) {
            Tensor hidden = model.stages().forward(new StageBatch(segments), model.embed(news));
            assertThat(hidden.dim(0)).isEqualTo(sequences.size());
        }
    }

    private static List<Integer> tokens(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> (11 * i + 2) % TinyLlama.VOCABULARY)
                .toList();
    }

    private static List<Integer> with(List<Integer> tokens, int more) {
        List<Integer> longer = new ArrayList<>(tokens);
        longer.add(more);
        return List.copyOf(longer);
    }
}
