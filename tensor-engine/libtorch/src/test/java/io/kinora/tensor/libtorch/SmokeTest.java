package io.kinora.tensor.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kinora.tensor.AttentionMask;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Scope;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SmokeTest {
    @Test
    void everyOperationRuns() {
        try (Engine e = Engines.open("libtorch", Device.CPU)) {
            Tensor kept;
            try (Scope s = e.scope()) {
                Tensor x = e.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
                assertThat(x.add(x).toFloats()).containsExactly(2, 4, 6, 8, 10, 12);
                assertThat(x.quickGelu().shape().toString()).isEqualTo("[2, 3]");
                assertThatThrownBy(() -> x.add(e.zeros(DType.F32, 4)))
                        .isInstanceOf(ShapeException.class)
                        .hasMessageContaining("[2, 3]")
                        .hasMessageContaining("[4]");
                System.out.println(e.freeBytes());
                for (DType t : DType.values()) {
                    System.out.println(t + " " + e.full(1, t, 3).to(DType.F32).toFloats()[2]
                            + x.to(t).toBytes().length);
                }
                assertThat(x.argmax(-1).toLongs()).containsExactly(2, 2);
                System.out.println(List.of(
                        x.topK(2).values().toFloats()[1], x.topK(2).positions().toLongs()[1]));
                Tensor im = e.arange(0, 2 * 4 * 3 * 6 * 6)
                        .to(DType.F32)
                        .reshape(2, 4, 3, 6, 6)
                        .mul(0.01);
                Tensor w = e.full(0.1, DType.F32, 8, 4, 3, 1, 1);
                System.out.println(e.conv3d(im, w, Optional.empty(), 1, 0, 0).shape());
                System.out.println(e.conv2d(
                                im.select(2, 0),
                                e.full(0.1, DType.F32, 8, 4, 3, 3),
                                Optional.of(e.zeros(DType.F32, 8)),
                                2,
                                1)
                        .shape());
                System.out.println(
                        e.conv1d(im.reshape(2, 4, -1), e.full(0.1, DType.F32, 8, 2, 3), Optional.empty(), 1, 1, 1, 2)
                                .shape());
                System.out.println(
                        e.convTranspose1d(im.reshape(2, 4, -1), e.full(0.1, DType.F32, 4, 8, 4), Optional.empty(), 2, 1)
                                .shape());
                Tensor ones = e.full(1, DType.F32, 4);
                System.out.println(e.groupNormSilu(im, 2, ones, ones, 1e-5).shape());
                System.out.println(e.groupNorm(im, 2, ones, ones, 1e-5).shape());
                Tensor q = e.full(0.3, DType.F32, 2, 4, 5, 8);
                Tensor k = e.full(0.3, DType.F32, 2, 2, 7, 8);
                for (AttentionMask m : List.of(
                        AttentionMask.NONE,
                        AttentionMask.CAUSAL,
                        new AttentionMask.Bias(e.zeros(DType.F32, 1, 1, 5, 7)))) {
                    System.out.println(e.attention(q, k, k, m, 0.2).toFloats()[3]);
                }
                System.out.println(e.layerNorm(q, e.full(1, DType.F32, 8), e.zeros(DType.F32, 8), 1e-5)
                        .shape());
                System.out.println(e.rmsNorm(q, e.full(1, DType.F32, 8), 1e-5).toFloats()[0]);
                System.out.println(e.rotary(q, e.full(1, DType.F32, 5, 4), e.full(1, DType.F32, 5, 4))
                        .toFloats()[7]);
                System.out.println(
                        e.geglu(q).toFloats()[0] + " " + e.swiglu(q, q).toFloats()[0]);
                System.out.println(e.upsampleNearest(im.select(2, 0), 12, 12).shape() + ""
                        + e.upsampleBilinear(im.select(2, 0), 5, 7).shape()
                        + e.avgPool2d(im.select(2, 0), 2).shape()
                        + e.pad(im, 1, 2, 0, 1).shape());
                System.out.println(e.gather(x, e.of(new long[] {1, 0, 1}, 3)).toFloats()[0] + " "
                        + e.scatterRows(x, e.of(new long[] {1}, 1), e.zeros(DType.F32, 1, 3))
                                .toFloats()[4]);
                System.out.println(e.cat(List.of(x, x), 0).shape() + ""
                        + e.stack(List.of(x, x), 1).shape());
                Tensor big = e.arange(0, 64 * 64).to(DType.F32).reshape(64, 64).mul(0.001);
                for (Quantization z : List.of(new Quantization.Int8PerChannel(), new Quantization.Int4Groups(32))) {
                    var qw = e.quantize(big, z);
                    System.out.println(
                            qw.bytes() + " " + qw.dequantize().sub(big).toFloats()[70] + " "
                                    + e.linear(big, qw, Optional.empty())
                                            .sub(e.linear(big, big, Optional.empty()))
                                            .toFloats()[70]);
                    qw.close();
                }
                kept = s.keep(x);
            }
            System.out.println(kept.toFloats()[5]);
            kept.close();
            assertThatThrownBy(kept::silu).isInstanceOf(IllegalStateException.class);
        }
    }
}
