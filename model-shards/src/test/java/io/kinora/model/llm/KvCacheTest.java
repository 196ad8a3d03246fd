package io.kinora.model.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.kinora.model.parity.Closeness;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The cache through the model that uses it: whatever was shared, dropped or copied, rows come out as from a fresh prefill. */
class KvCacheTest {
    private static final double SAME = 1e-5;
    private static final int BLOCKS = 24;

    private static Engine engine;
    private TinyLlama model;

    @BeforeAll
    static void openEngine() {
        engine = Engines.open(Engines.AUTO, Device.CPU);
    }

    @AfterAll
    static void closeEngine() {
        engine.close();
    }

    @BeforeEach
    void load() {
        model = new TinyLlama(engine, 1, BLOCKS, Optional.empty());
    }

    @AfterEach
    void close() {
        model.close();
    }

    @Test
    void aPromptInPiecesGivesWhatItGivesAtOnce() {
        List<Integer> tokens = tokens(40);
        model.run(1, 0, tokens.subList(0, 17));
        model.run(1, 17, tokens.subList(17, 18));
        float[] last = model.run(1, 18, tokens.subList(18, 40));

        assertSame(last, model.runAlone(tokens));
    }

    @Test
    void twoForksOfOnePrefixGoTheirOwnWays() {
        List<Integer> prefix = tokens(21);
        model.run(1, 0, prefix);
        model.stages().fork(1, 2, 21, 40);
        model.stages().fork(1, 3, 21, 40);
        List<Integer> second = with(prefix, 5, 6, 7);
        List<Integer> third = with(prefix, 30, 31, 32, 33);
        List<Integer> first = with(prefix, 9);

        float[] two = model.run(2, 21, second.subList(21, 24));
        float[] three = model.run(3, 21, third.subList(21, 25));
        float[] one = model.run(1, 21, first.subList(21, 22));

        assertSame(two, model.runAlone(second));
        assertSame(three, model.runAlone(third));
        assertSame(one, model.runAlone(first));
    }

    @Test
    void forksShareWholeBlocksAndCopyTheLastOnlyWhenTheyWrite() {
        model.run(1, 0, tokens(40));
        KvCache cache = cache();
        assertThat(cache.usage().usedBlocks()).isEqualTo(3);

        model.stages().fork(1, 2, 40, 48);
        assertThat(cache.usage().usedBlocks()).isEqualTo(3);
        assertThat(cache.usage().sharedBlocks()).isEqualTo(3);

        model.run(2, 40, tokens(1));
        assertThat(cache.usage().usedBlocks()).isEqualTo(4);
        assertThat(cache.usage().sharedBlocks()).isEqualTo(2);

        model.stages().free(1);
        assertThat(cache.usage().usedBlocks()).isEqualTo(3);
        model.stages().free(2);
        assertThat(cache.usage().usedBlocks()).isZero();
        assertThat(cache.usage().freeBlocks()).isEqualTo(BLOCKS);
    }

    @Test
    void goingBackReplacesWhatFollowed() {
        List<Integer> tokens = tokens(30);
        model.run(1, 0, tokens);
        List<Integer> other = with(tokens.subList(0, 18), 3, 4, 5);

        float[] last = model.run(1, 18, other.subList(18, 21));

        assertThat(cache().length(1)).isEqualTo(21);
        assertSame(last, model.runAlone(other));
    }

    @Test
    void promptsAndSingleTokensOfSeveralSequencesRunInOneBatch() {
        List<Integer> a = tokens(20);
        List<Integer> b = with(tokens(3), 8, 9);
        List<Integer> c = with(tokens(33), 1);
        model.run(1, 0, a.subList(0, 19));
        model.run(3, 0, c.subList(0, 33));
        StageBatch batch = new StageBatch(List.of(
                new StageBatch.Segment(1, 19, 1), new StageBatch.Segment(2, 0, 5), new StageBatch.Segment(3, 33, 1)));

        try (Scope scope = engine.scope()) {
            Tensor rows = engine.cat(
                    List.of(model.embed(a.subList(19, 20)), model.embed(b), model.embed(c.subList(33, 34))), 0);
            Tensor hidden = model.stages().forward(batch, rows);

            assertThat(batch.lastRows()).containsExactly(0, 5, 6);
            assertSame(hidden.select(0, 0).toFloats(), model.runAlone(a));
            assertSame(hidden.select(0, 5).toFloats(), model.runAlone(b));
            assertSame(hidden.select(0, 6).toFloats(), model.runAlone(c));
        }
    }

    @Test
    void aFullCacheRefusesTheWholeBatchAndNothingGrows() {
        model.run(1, 0, tokens(60));
        model.run(2, 0, tokens(64));
        for (long other = 3; other <= 6; other++) {
            model.run(other, 0, tokens(64));
        }
        StageBatch batch = new StageBatch(List.of(new StageBatch.Segment(1, 60, 4), new StageBatch.Segment(7, 0, 1)));

        try (Scope scope = engine.scope()) {
            Tensor rows = model.embed(tokens(5));
            assertThatExceptionOfType(KvCacheFullException.class)
                    .isThrownBy(() -> model.stages().forward(batch, rows))
                    .satisfies(full -> {
                        assertThat(full.freeBytes()).isZero();
                        assertThat(full.neededBytes())
                                .isEqualTo(cache().layout().blockBytes());
                    });
        }
        assertThat(cache().length(1)).isEqualTo(60);
        assertThat(cache().length(7)).isZero();
        assertSame(model.run(1, 60, tokens(64).subList(60, 64)), fresh(tokens(64)));
    }

    @Test
    void aSequenceThatTheCacheDoesNotHoldIsNamedWithWhatItHolds() {
        model.run(1, 0, tokens(4));

        assertThatExceptionOfType(PrefixMissingException.class)
                .isThrownBy(() -> model.run(1, 6, tokens(1)))
                .withMessage("sequence 1 goes on at position 6, but the cache holds 4 positions of it")
                .satisfies(missing -> assertThat(missing.cached()).isEqualTo(4));
        assertThatExceptionOfType(PrefixMissingException.class)
                .isThrownBy(() -> model.stages().fork(9, 10, 1, 8))
                .satisfies(missing -> assertThat(missing.sequence()).isEqualTo(9));
    }

    @Test
    void aSequenceLongerThanTheContextIsRefusedWithBothCounts() {
        assertThatExceptionOfType(ContextLengthException.class)
                .isThrownBy(() -> model.run(1, 0, tokens(65)))
                .satisfies(tooLong -> {
                    assertThat(tooLong.length()).isEqualTo(65);
                    assertThat(tooLong.allowed()).isEqualTo(64);
                });
        assertThat(cache().length(1)).isZero();
    }

    @Test
    void memoryIsTakenWhenFirstNeededAndGivenBackWhenAsked() {
        assertThat(cache().usage().allocatedBytes()).isZero();
        model.run(1, 0, tokens(64));
        long oneSlab = cache().usage().allocatedBytes();
        assertThat(oneSlab).isEqualTo(4 * cache().layout().blockBytes());

        model.run(2, 0, tokens(64));
        assertThat(cache().usage().allocatedBytes()).isEqualTo(2 * oneSlab);
        model.stages().free(1);
        cache().trim();
        assertThat(cache().usage().allocatedBytes()).isEqualTo(oneSlab);
        assertSame(model.run(2, 63, tokens(64).subList(63, 64)), fresh(tokens(64)));
    }

    @Test
    void aBudgetBelowOneBlockIsRefused() {
        KvCacheLayout layout = KvCacheLayout.of(TinyLlama.config(64), 3, DType.F32);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KvCache(engine, layout, layout.blockBytes() - 1))
                .withMessageContaining("does not hold one block");
    }

    private static void assertSame(float[] got, float[] want) {
        Closeness.of(got, want).assertWithin("last row", SAME);
    }

    private float[] fresh(List<Integer> tokens) {
        try (TinyLlama other = new TinyLlama(engine, 1, BLOCKS, Optional.empty())) {
            return other.runAlone(tokens);
        }
    }

    private KvCache cache() {
        return model.stages().stages().get(0).cache();
    }

    private static List<Integer> tokens(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> (7 * i + 3) % TinyLlama.VOCABULARY)
                .toList();
    }

    private static List<Integer> with(List<Integer> tokens, int... more) {
        List<Integer> longer = new ArrayList<>(tokens);
        IntStream.of(more).forEach(longer::add);
        return longer;
    }
}
