package io.kinora.actors.shard;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AwaitedKeysTest {
    private final AwaitedKeys<String> awaited = new AwaitedKeys<>();

    @Test
    void theFirstWhoAsksBringsItAndAllWhoAskedGetIt() {
        assertThat(awaited.ask("clip", "a")).isTrue();
        assertThat(awaited.ask("clip", "b")).isFalse();
        assertThat(awaited.ask("other", "c")).isTrue();
        assertThat(awaited.come("clip")).containsExactly("a", "b");
        assertThat(awaited.isAwaited("clip")).isFalse();
        assertThat(awaited.isAwaited("other")).isTrue();
    }

    @Test
    void whoeverLeavesHandsTheTaskToTheNext() {
        awaited.ask("clip", "a");
        awaited.ask("clip", "b");
        awaited.ask("clip", "c");
        assertThat(awaited.leave("b")).isEmpty();
        assertThat(awaited.leave("a")).containsExactly(java.util.Map.entry("clip", "c"));
        assertThat(awaited.leave("c")).isEmpty();
        assertThat(awaited.ask("clip", "d")).isTrue();
    }

    @Test
    void nobodyIsForgottenWhenNothingComes() {
        awaited.ask("clip", "a");
        awaited.ask("clip", "b");
        assertThat(awaited.abandon()).containsOnlyKeys("clip");
        assertThat(awaited.come("clip")).isEmpty();
    }
}
