package io.kinora.tensor.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kinora.tensor.DType;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** A scope frees what was made in it, but for what is handed out, and the memory of what stays open stays good. */
public abstract class ScopeConformance extends EngineSuite {
    private Tensor ones(long... sizes) {
        return engine().full(1, DType.F32, sizes);
    }

    private static void assertClosed(Tensor tensor) {
        assertThatThrownBy(tensor::toFloats).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(tensor::shape).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(tensor::dtype).isInstanceOf(IllegalStateException.class);
    }

    @Test
    final void closingAScopeFreesWhatWasMadeInIt() {
        Tensor made;
        Tensor view;
        List<Tensor> parts;
        Tensor.TopK top;
        try (Scope scope = engine().scope()) {
            made = ones(2, 3);
            view = made.slice(0, 0, 1);
            parts = made.chunk(3, 1);
            top = made.topK(2);
        }
        assertClosed(made);
        assertClosed(view);
        parts.forEach(ScopeConformance::assertClosed);
        assertClosed(top.values());
        assertClosed(top.positions());
    }

    @Test
    final void keptTensorsMoveOutwardScopeByScope() {
        Tensor kept;
        try (Scope outer = engine().scope()) {
            try (Scope inner = engine().scope()) {
                kept = inner.keep(ones(2));
                assertThat(inner.keep(kept)).isSameAs(kept); // owned by the outer scope now: nothing happens
            }
            assertThat(kept.toFloats()).containsExactly(1, 1);
            assertThat(outer.keep(kept)).isSameAs(kept);
        }
        assertThat(kept.toFloats()).containsExactly(1, 1);
        kept.close();
        assertClosed(kept);
    }

    @Test
    final void theOuterScopeFreesWhatItWasGiven() {
        Tensor kept;
        try (Scope outer = engine().scope()) {
            try (Scope inner = engine().scope()) {
                kept = inner.keep(ones(2));
            }
        }
        assertClosed(kept);
    }

    @Test
    final void detachedTensorsOutliveEveryScope() {
        Tensor detached;
        try (Scope outer = engine().scope()) {
            try (Scope inner = engine().scope()) {
                detached = inner.detach(ones(3));
            }
        }
        assertThat(detached.toFloats()).containsExactly(1, 1, 1);
        detached.close();
    }

    @Test
    final void tensorsOfTheOuterScopeStayWhenTheInnerCloses() {
        try (Scope outer = engine().scope()) {
            Tensor before = ones(2);
            try (Scope inner = engine().scope()) {
                assertThat(inner.keep(before)).isSameAs(before);
                before.add(1);
            }
            Tensor after = ones(2);
            assertThat(before.add(after).toFloats()).containsExactly(2, 2);
        }
    }

    @Test
    final void manyTensorsMayBeKeptAndClosedInAnyOrder() {
        try (Scope outer = engine().scope()) {
            Tensor[] made = new Tensor[20];
            try (Scope inner = engine().scope()) {
                for (int i = 0; i < made.length; i++) {
                    made[i] = engine().full(i, DType.F32, 1);
                }
                for (int i = 0; i < made.length; i += 3) {
                    inner.keep(made[i]);
                }
                for (int i = 1; i < made.length; i += 3) {
                    made[i].close();
                    made[i].close();
                }
            }
            for (int i = 0; i < made.length; i++) {
                if (i % 3 == 0) {
                    assertThat(made[i].toFloats()).containsExactly(i);
                } else {
                    assertClosed(made[i]);
                }
            }
        }
    }

    @Test
    final void aViewKeepsTheMemoryOfItsClosedSource() {
        try (Scope scope = engine().scope()) {
            Tensor source = engine().of(new float[] {1, 2, 3, 4}, 2, 2);
            Tensor row = source.select(0, 1);
            source.close();
            engine().full(9, DType.F32, 2, 2); // would take the place of freed memory
            assertThat(row.toFloats()).containsExactly(3, 4);
        }
    }

    @Test
    final void aViewOfAWrappedBufferKeepsTheBuffer() {
        try (Scope scope = engine().scope()) {
            Tensor row = scope.detach(wrapAndForget().select(0, 1));
            System.gc();
            assertThat(row.toLongs()).containsExactly(4, 5, 6);
            row.close();
        }
    }

    private Tensor wrapAndForget() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(6).put(0, new byte[] {1, 2, 3, 4, 5, 6});
        return engine().wrap(buffer, DType.U8, Shape.of(2, 3));
    }

    @Test
    final void tensorsMadeOutsideEveryScopeBelongToTheirMaker() {
        Tensor made = ones(2);
        try (Scope scope = engine().scope()) {
            assertThat(scope.keep(made)).isSameAs(made);
        }
        assertThat(made.toFloats()).containsExactly(1, 1);
        made.close();
    }

    @Test
    final void refusesToCloseAScopeAroundAnOpenOne() {
        Scope outer = engine().scope();
        Scope inner = engine().scope();
        assertThatThrownBy(outer::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("inside");
        inner.close();
        outer.close();
        outer.close();
        assertThatThrownBy(() -> outer.keep(ones(1))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    final void refusesToBeUsedByAnotherThread() {
        try (Scope scope = engine().scope()) {
            Tensor mine = ones(1);
            assertThatThrownBy(() ->
                            CompletableFuture.runAsync(() -> scope.keep(mine)).join())
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> CompletableFuture.runAsync(scope::close).join())
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(IllegalStateException.class);
            assertThat(mine.toFloats()).containsExactly(1);
        }
    }

    @Test
    final void scopesOfOtherThreadsOwnWhatThoseThreadsMake() {
        try (Scope scope = engine().scope()) {
            Tensor theirs = CompletableFuture.supplyAsync(() -> {
                        try (Scope other = engine().scope()) {
                            return other.detach(ones(2).add(1));
                        }
                    })
                    .join();
            assertThat(theirs.add(ones(2)).toFloats()).containsExactly(3, 3);
            theirs.close();
        }
    }

    @Test
    final void anotherThreadMayCloseATensorOfAScope() {
        try (Scope scope = engine().scope()) {
            Tensor mine = ones(2);
            CompletableFuture.runAsync(mine::close).join();
            assertClosed(mine);
            assertThat(ones(1).toFloats()).containsExactly(1);
        }
    }

    @Test
    final void aFailedOperationLeavesTheScopeUsable() {
        try (Scope scope = engine().scope()) {
            Tensor a = ones(2, 3);
            assertThatThrownBy(() -> a.add(ones(4))).isInstanceOf(IllegalArgumentException.class);
            assertThat(a.sum(1).toFloats()).containsExactly(3, 3);
        }
    }
}
