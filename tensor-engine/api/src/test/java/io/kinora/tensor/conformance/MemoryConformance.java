package io.kinora.tensor.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.tensor.AttentionMask;
import io.kinora.tensor.DType;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.QuantizedWeight;
import io.kinora.tensor.Scope;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A thousand forwards leave native memory where it was. */
public abstract class MemoryConformance extends EngineSuite {
    private static final int WARM_UP = 150;
    private static final int FORWARDS = 1_000;
    private static final long LEAK_BYTES = 32L << 20;
    private static final int GARBAGE_BYTES = 1 << 16;

    /** Resident memory of this process. */
    protected abstract long residentBytes();

    /** Native objects that the engine holds, of any size: catches the small leaks that resident memory hides. */
    protected abstract long nativeObjects();

    @Test
    final void aThousandForwardsLeaveMemoryFlat() {
        try (Scope weights = engine().scope()) {
            Net net = new Net();
            for (int i = 0; i < WARM_UP; i++) {
                forward(net);
            }
            touchJavaHeap();
            long objects = nativeObjects();
            long bytes = residentBytes();
            for (int i = 0; i < FORWARDS; i++) {
                forward(net);
            }
            assertThat(nativeObjects()).isEqualTo(objects);
            touchJavaHeap();
            // One forward makes over 1 MiB of tensors, so even one leaked in ten forwards would exceed this.
            assertThat(residentBytes() - bytes).isLessThan(LEAK_BYTES);
            net.close();
        }
    }

    @Test
    final void failedOperationsLeaveMemoryFlat() {
        try (Scope scope = engine().scope()) {
            Tensor a = engine().zeros(DType.F32, 2, 3);
            Tensor b = engine().zeros(DType.F32, 4, 5);
            long objects = nativeObjects();
            for (int i = 0; i < 100; i++) {
                for (Runnable call : List.<Runnable>of(
                        () -> a.add(b),
                        () -> engine().linear(a, b, Optional.of(a)),
                        () -> engine().attention(a, b, a, AttentionMask.CAUSAL, 1),
                        () -> engine().conv2d(a, b, Optional.empty(), 1, 1))) {
                    assertFails(call);
                }
            }
            assertThat(nativeObjects()).isEqualTo(objects);
        }
    }

    private static void assertFails(Runnable call) {
        boolean failed = false;
        try {
            call.run();
        } catch (ShapeException expected) {
            failed = true;
        }
        assertThat(failed).isTrue();
    }

    /** Makes Java's young generation as large as it gets, so that its growth is not taken for native memory's. */
    private static void touchJavaHeap() {
        long touched = 0;
        while (touched < 2 * Runtime.getRuntime().maxMemory()) {
            touched += new byte[GARBAGE_BYTES].length;
        }
        System.gc();
    }

    private void forward(Net net) {
        Tensor answer;
        try (Scope scope = engine().scope()) {
            answer = scope.detach(net.forward());
        }
        assertThat(answer.toFloats()).doesNotContain(Float.NaN);
        answer.close();
    }

    /** A little of everything: a clip through convolutions and norms, then tokens through a transformer block. */
    private final class Net {
        private final Tensor clip = waves(1, 16, 4, 8, 8);
        private final Tensor spatial = waves(32, 16, 3, 3);
        private final Tensor temporal = waves(32, 32, 3, 1, 1);
        private final Tensor pointwise = waves(32, 32, 1, 1);
        private final Tensor scale = waves(32);
        private final Tensor shift = waves(32);
        private final Tensor project = waves(128, 32);
        private final Tensor angles = waves(256, 4);
        private final QuantizedWeight int8 = engine().quantize(waves(64, 64), new Quantization.Int8PerChannel());
        private final QuantizedWeight int4 = engine().quantize(waves(32, 32), new Quantization.Int4Groups(32));

        private Tensor waves(long... sizes) {
            long count = 1;
            for (long size : sizes) {
                count *= size;
            }
            return engine().arange(0, count)
                    .to(DType.F32)
                    .mul(0.7)
                    .sin()
                    .mul(0.2)
                    .reshape(sizes);
        }

        Tensor forward() {
            Tensor frames = clip.permute(0, 2, 1, 3, 4).reshape(4, 16, 8, 8);
            Tensor x = engine().conv2d(frames, spatial, Optional.of(shift), 1, 1); // [4, 32, 8, 8]
            x = engine().groupNormSilu(x, 8, scale, shift, 1e-5);
            x = engine().conv2d(x, pointwise, Optional.empty(), 1, 0);
            x = x.reshape(1, 4, 32, 8, 8).permute(0, 2, 1, 3, 4);
            x = engine().conv3d(x, temporal, Optional.of(shift), 1, 0, 0);
            x = engine().groupNorm(x, 8, scale, shift, 1e-5);
            Tensor tokens = x.reshape(1, 32, 256).transpose(1, 2); // [1, 256, 32]
            Tensor normed = engine().layerNorm(tokens, scale, shift, 1e-5);
            List<Tensor> parts =
                    engine().linear(normed, project, Optional.empty()).chunk(4, 2);
            Tensor q = engine().rotary(heads(parts.get(0)), angles.cos(), angles.sin());
            Tensor k = engine().rotary(heads(parts.get(1)), angles.cos(), angles.sin());
            Tensor v = heads(parts.get(2));
            Tensor attended = engine().attention(q.slice(2, 64, 256), k, v, AttentionMask.CAUSAL, 0.35);
            Tensor flat = attended.transpose(1, 2).reshape(1, 192, 32);
            Tensor gate = parts.get(3).slice(1, 64, 256);
            Tensor y = engine().rmsNorm(engine().swiglu(gate, flat), scale, 1e-6);
            y = engine().linear(engine().geglu(engine().cat(List.of(y, flat, y, flat), 2)), int8, Optional.empty());
            y = engine().linear(y.slice(2, 0, 32).add(0.5), int4, Optional.of(shift));
            return y.softmax(-1).topK(3).values().mean(1);
        }

        private Tensor heads(Tensor tokens) {
            return tokens.reshape(1, 256, 4, 8).transpose(1, 2);
        }

        void close() {
            int8.close();
            int4.close();
        }
    }
}
