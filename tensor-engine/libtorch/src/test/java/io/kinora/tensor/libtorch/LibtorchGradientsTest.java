package io.kinora.tensor.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.kinora.tensor.AttentionMask;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Gradients;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.TorchRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients against finite differences, for every operation that a trained model uses, and the steps along them. */
class LibtorchGradientsTest {
    private static final double STEP = 1e-2;

    private final Engine engine = new LibtorchProvider(1).open(Device.CPU);
    private final Gradients gradients = engine.gradients().orElseThrow();

    /** An operation on operands of these shapes. */
    record Case(String name, List<Shape> operands, Function<List<Tensor>, Tensor> operation) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case of(String name, Function<List<Tensor>, Tensor> operation, long[]... shapes) {
        return new Case(name, Stream.of(shapes).map(Shape::of).toList(), operation);
    }

    private static long[] shape(long... sizes) {
        return sizes;
    }

    static Stream<Case> operations() {
        return Stream.of(
                of("mul and add", t -> t.get(0).mul(t.get(1)).add(t.get(0)), shape(2, 3), shape(3)),
                of("sum over", t -> t.get(0).mul(2).addOver(t.get(0).mul(t.get(0))), shape(2, 3)),
                of(
                        "linear",
                        t -> t.get(0).engine().linear(t.get(0), t.get(1), Optional.of(t.get(2))),
                        shape(2, 3),
                        shape(4, 3),
                        shape(4)),
                of(
                        "conv2d",
                        t -> t.get(0).engine().conv2d(t.get(0), t.get(1), Optional.of(t.get(2)), 2, 1),
                        shape(1, 2, 4, 4),
                        shape(3, 2, 3, 3),
                        shape(3)),
                of(
                        "convolution over frames",
                        t -> t.get(0).engine().conv3d(t.get(0), t.get(1), Optional.of(t.get(2)), 1, 0, 0),
                        shape(1, 2, 3, 2, 2),
                        shape(2, 2, 3, 1, 1),
                        shape(2)),
                of(
                        "group norm with SiLU",
                        t -> t.get(0).engine().groupNormSilu(t.get(0), 2, t.get(1), t.get(2), 1e-5),
                        shape(2, 4, 2, 2),
                        shape(4),
                        shape(4)),
                of(
                        "layer norm",
                        t -> t.get(0).engine().layerNorm(t.get(0), t.get(1), t.get(2), 1e-5),
                        shape(3, 4),
                        shape(4),
                        shape(4)),
                of(
                        "root-mean-square norm",
                        t -> t.get(0).engine().rmsNorm(t.get(0), t.get(1), 1e-6),
                        shape(3, 4),
                        shape(4)),
                of(
                        "attention",
                        t -> t.get(0).engine().attention(t.get(0), t.get(1), t.get(2), AttentionMask.NONE, 0.5),
                        shape(1, 2, 3, 4),
                        shape(1, 2, 5, 4),
                        shape(1, 2, 5, 4)),
                of(
                        "causal attention with shared heads",
                        t -> t.get(0).engine().attention(t.get(0), t.get(1), t.get(2), AttentionMask.CAUSAL, 0.5),
                        shape(2, 4, 3, 4),
                        shape(2, 2, 3, 4),
                        shape(2, 2, 3, 4)),
                of(
                        "masked attention",
                        t -> t.get(0)
                                .engine()
                                .attention(
                                        t.get(0),
                                        t.get(1),
                                        t.get(2),
                                        new AttentionMask.Bias(t.get(0)
                                                .engine()
                                                .of(new float[] {0, -9, -9, 0, 0, -9, 0, -9, 0}, 1, 1, 3, 3)),
                                        0.5),
                        shape(2, 2, 3, 4),
                        shape(2, 2, 3, 4),
                        shape(2, 2, 3, 4)),
                of(
                        "rotary positions",
                        t -> t.get(0)
                                .engine()
                                .rotary(t.get(0), t.get(1).cos(), t.get(1).sin()),
                        shape(1, 2, 3, 4),
                        shape(3, 2)),
                of("geglu", t -> t.get(0).engine().geglu(t.get(0)), shape(2, 6)),
                of("swiglu", t -> t.get(0).engine().swiglu(t.get(0), t.get(1)), shape(2, 3), shape(2, 3)),
                of("quick GELU", t -> t.get(0).quickGelu(), shape(2, 3)),
                of("GELU", t -> t.get(0).gelu(), shape(2, 3)),
                of("tanh", t -> t.get(0).tanh(), shape(2, 3)),
                of("softmax", t -> t.get(0).softmax(-1), shape(2, 3)),
                of("average pooling", t -> t.get(0).engine().avgPool2d(t.get(0), 2), shape(1, 2, 4, 4)),
                of("nearest neighbours", t -> t.get(0).engine().upsampleNearest(t.get(0), 4, 4), shape(1, 2, 2, 2)),
                of(
                        "gather",
                        t -> t.get(0)
                                .engine()
                                .gather(t.get(0), t.get(0).engine().of(new long[] {2, 0, 2}, 3)),
                        shape(3, 2)),
                of(
                        "scatter",
                        t -> t.get(0)
                                .engine()
                                .scatterRows(t.get(0), t.get(0).engine().of(new long[] {2, 0}, 2), t.get(1)),
                        shape(3, 2),
                        shape(2, 2)),
                of("join", t -> t.get(0).engine().cat(List.of(t.get(0), t.get(1)), 1), shape(2, 3), shape(2, 1)),
                of("clamp and exp", t -> t.get(0).clamp(-1, 1).exp(), shape(2, 3)),
                of(
                        "padding and views",
                        t -> t.get(0)
                                .engine()
                                .pad(t.get(0).permute(1, 0).slice(0, 1, 3), 0, 1)
                                .reshape(-1),
                        shape(2, 3)));
    }

    @ParameterizedTest
    @MethodSource("operations")
    void equalsFiniteDifferences(Case tested) {
        try (Scope scope = engine.scope()) {
            List<float[]> values = new ArrayList<>();
            TorchRandom random = new TorchRandom(7);
            tested.operands().forEach(operand -> values.add(random.normal((int) operand.elements())));
            List<Tensor> parameters = tensors(tested, values);
            parameters.forEach(gradients::require);
            try (Gradients.Recording recording = gradients.record()) {
                gradients.backward(weighted(tested.operation().apply(parameters)));
            }
            for (int operand = 0; operand < values.size(); operand++) {
                float[] found =
                        gradients.of(parameters.get(operand)).orElseThrow().toFloats();
                for (int i = 0; i < found.length; i++) {
                    assertThat((double) found[i])
                            .as("%s by element %d of operand %d", tested.name(), i, operand)
                            .isCloseTo(
                                    difference(tested, values, operand, i), within(0.01 + 0.01 * Math.abs(found[i])));
                }
            }
        }
    }

    private double difference(Case tested, List<float[]> values, int operand, int i) {
        float before = values.get(operand)[i];
        values.get(operand)[i] = (float) (before + STEP);
        double above =
                weighted(tested.operation().apply(tensors(tested, values))).toFloats()[0];
        values.get(operand)[i] = (float) (before - STEP);
        double below =
                weighted(tested.operation().apply(tensors(tested, values))).toFloats()[0];
        values.get(operand)[i] = before;
        return (above - below) / (2 * STEP);
    }

    private List<Tensor> tensors(Case tested, List<float[]> values) {
        List<Tensor> made = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            made.add(engine.of(values.get(i), tested.operands().get(i).toArray()));
        }
        return made;
    }

    /** A sum in which every element counts differently, so that no error cancels. */
    private Tensor weighted(Tensor result) {
        int count = (int) result.shape().elements();
        Tensor weights = engine.of(new TorchRandom(3).normal(count), count);
        return result.reshape(-1).mul(weights).sum(0);
    }

    @Test
    void computesNothingForBackwardsOutsideARecording() {
        try (Scope scope = engine.scope()) {
            Tensor parameter = engine.full(2, DType.F32, 1);
            gradients.require(parameter);
            Tensor loss = parameter.mul(parameter);
            assertThatThrownBy(() -> gradients.backward(loss)).hasMessageContaining("backward");
            assertThat(engine.isRecording()).isFalse();
            assertThat(gradients.of(parameter)).isEmpty();
        }
    }

    @Test
    void addsGradientsUpUntilTheyAreCleared() {
        try (Scope scope = engine.scope()) {
            Tensor parameter = engine.full(2, DType.F32, 1);
            gradients.require(parameter);
            for (int i = 0; i < 2; i++) {
                try (Gradients.Recording recording = gradients.record()) {
                    gradients.backward(parameter.mul(parameter));
                }
            }
            assertThat(gradients.of(parameter).orElseThrow().toFloats()).containsExactly(8);
            assertThat(gradients.norm(List.of(parameter))).isEqualTo(8);
            gradients.scale(List.of(parameter), 0.25);
            assertThat(gradients.of(parameter).orElseThrow().toFloats()).containsExactly(2);
            gradients.clear(List.of(parameter));
            assertThat(gradients.of(parameter)).isEmpty();
        }
    }

    @Test
    void followsNoPathThroughADetachedTensor() {
        try (Scope scope = engine.scope()) {
            Tensor parameter = engine.full(3, DType.F32, 1);
            gradients.require(parameter);
            try (Gradients.Recording recording = gradients.record()) {
                gradients.backward(parameter.mul(gradients.detached(parameter.mul(2))));
            }
            assertThat(gradients.of(parameter).orElseThrow().toFloats()).containsExactly(6);
        }
    }

    /** torch.optim.AdamW(lr=0.1, betas=(0.9, 0.99), eps=1e-8, weight_decay=0.1) on x² from 2, three steps, PyTorch 2.13. */
    @Test
    void movesAsTheReferenceOptimiserDoes() {
        try (Scope scope = engine.scope()) {
            Tensor value = engine.full(2, DType.F32, 1);
            Tensor mean = engine.zeros(DType.F32, 1);
            Tensor square = engine.zeros(DType.F32, 1);
            gradients.require(value);
            float[] path = new float[3];
            for (int step = 1; step <= 3; step++) {
                try (Gradients.Recording recording = gradients.record()) {
                    gradients.backward(value.mul(value));
                }
                gradients.step(
                        List.of(new Gradients.Moments(value, value, mean, square)),
                        new Gradients.AdamW(step, 0.1, 0.9, 0.99, 1e-8, 0.1));
                gradients.clear(List.of(value));
                path[step - 1] = value.toFloats()[0];
            }
            assertThat(path).containsExactly(REFERENCE, within(1e-5f));
        }
    }

    private static final float[] REFERENCE = {1.88f, 1.761395f, 1.644317f};

    @Test
    void countsOnlyTheRowsThatAreNotIgnored() {
        try (Scope scope = engine.scope()) {
            Tensor logits = engine.of(new float[] {1, 2, 3, 9, 9, 9}, 2, 3);
            Tensor targets = engine.of(new long[] {0, -100}, 2);
            double expected = Math.log(Math.exp(1) + Math.exp(2) + Math.exp(3)) - 1;
            assertThat((double) gradients.crossEntropy(logits, targets, -100).toFloats()[0])
                    .isCloseTo(expected, within(1e-5));
        }
    }
}
