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

/**
 * A thousand forwards leave native memory where it was. The Java heap counts as resident memory too, so these tests want a JVM whose
 * heap is touched from the start: {@code -Xms} equal to {@code -Xmx} and {@code -XX:+AlwaysPreTouch}.
 */
public abstract class MemoryConformance extends EngineSuite {
    private static final int WARM_UP = 100;
    private static final int FORWARDS = 1_000;
    private static final int SMALL_CALLS = 100_000;
    private static final int FAILED_CALLS = 50;

    // One forward makes over a mebibyte of tensors; one small call that leaked as little as a boxed number would show
    // at this limit.
    private static final long LEAK_BYTES = 8L << 20;

    /** Resident memory of this process. */
    protected abstract long residentBytes();

    @Test
    final void aThousandForwardsLeaveMemoryFlat() {
        try (Scope weights = engine().scope()) {
            Net net = new Net();
            assertFlat(FORWARDS, () -> forward(net));
            net.close();
        }
    }

    @Test
    final void smallCallsLeaveMemoryFlat() {
        try (Scope outer = engine().scope()) {
            Tensor x = engine().full(0.5, DType.F32, 2, 3);
            assertFlat(SMALL_CALLS / 10, () -> {
                try (Scope scope = engine().scope()) {
                    Tensor y = x.mul(2)
                            .add(1)
                            .clamp(0, 1)
                            .slice(1, 0, 2)
                            .sum(0)
                            .topK(1)
                            .values();
                    y.addInPlace(y).mulInPlace(0.5).repeatInterleave(2, 0).copyFrom(y);
                    engine().linear(x, x, Optional.empty()).to(DType.BF16);
                }
            });
        }
    }

    @Test
    final void failedCallsLeaveMemoryFlat() {
        try (Scope scope = engine().scope()) {
            // Fails once the weight, a mebibyte, is unpacked.
            Tensor weight = engine().full(0.5, DType.F32, 256, 1024);
            Tensor x = engine().full(0.5, DType.F32, 3, 1024);
            Optional<Tensor> tooLong = Optional.of(engine().zeros(DType.F32, 257));
            try (QuantizedWeight quantized = engine().quantize(weight, new Quantization.Int8PerChannel())) {
                assertFlat(FAILED_CALLS, () -> assertFails(() -> engine().linear(x, quantized, tooLong)));
            }
        }
    }

    private void assertFlat(int times, Runnable call) {
        for (int i = 0; i < WARM_UP; i++) {
            call.run();
        }
        long before = residentBytes();
        for (int i = 0; i < times; i++) {
            call.run();
        }
        assertThat(residentBytes() - before).isLessThan(LEAK_BYTES);
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
