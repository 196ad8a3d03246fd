package io.kinora.training.optim;

import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Gradients;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import io.kinora.training.model.Parameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Steps of matrices along their orthogonalised momentum (Muon: Jordan et al., 2024), scaled so that rates and decays that suit AdamW suit it
 * too (Liu et al., 2025, arXiv:2502.16982, section 2.2). A step is as long in every direction, where AdamW follows the few that gradients
 * agree on; small language models need fewer steps with it.
 *
 * <p>Official: {@code torch.optim.Muon} with {@code adjust_lr_fn="match_rms_adamw"} and Nesterov's momentum. Kernels of convolutions are
 * taken as matrices {@code [out, in · window]}.
 */
final class Muon {
    private static final double MOMENTUM = 0.95;
    private static final double RMS_OF_ADAMW = 0.2;
    private static final double[] NEWTON_SCHULZ = {3.4445, -4.7750, 2.0315};
    private static final int ITERATIONS = 5;
    private static final double EPS = 1e-7;

    private final Engine engine;
    private final Gradients gradients;

    /** A parameter of at least two axes and the mean of its gradients, which steps write. */
    record Momentum(Parameter parameter, Tensor mean) {}

    Muon(Engine engine) {
        this.engine = engine;
        this.gradients = engine.gradients().orElseThrow();
    }

    /** Moves the masters of those that have a gradient. */
    void step(List<Momentum> matrices, double rate, double decay) {
        try (Scope scope = engine.scope()) {
            // One product of many small matrices costs far less than many small products.
            Map<Shape, List<Momentum>> alike = new LinkedHashMap<>();
            for (Momentum matrix : matrices) {
                if (gradients.of(matrix.parameter().value()).isPresent()) {
                    alike.computeIfAbsent(matrix.parameter().master().shape(), shape -> new ArrayList<>())
                            .add(matrix);
                }
            }
            alike.values().forEach(group -> stepAlike(group, rate, decay));
        }
    }

    private void stepAlike(List<Momentum> group, double rate, double decay) {
        List<Tensor> directions = group.stream().map(this::direction).toList();
        Tensor orthogonal = orthogonal(engine.stack(directions, 0)); // (G, out, in)
        double scale = RMS_OF_ADAMW * Math.sqrt((double) Math.max(orthogonal.dim(1), orthogonal.dim(2)));
        for (int i = 0; i < group.size(); i++) {
            Tensor master = group.get(i).parameter().master();
            Tensor step =
                    orthogonal.select(0, i).to(DType.F32).reshape(master.shape().toArray());
            master.mulInPlace(1 - rate * decay).addInPlace(step.mul(-rate * scale));
        }
    }

    /** Nesterov's look ahead of the momentum, {@code [out, in]}. */
    private Tensor direction(Momentum matrix) {
        Tensor gradient = gradients.of(matrix.parameter().value()).orElseThrow().to(DType.F32);
        Tensor mean = matrix.mean();
        mean.mulInPlace(MOMENTUM).addInPlace(gradient.mul(1 - MOMENTUM));
        return gradient.mul(1 - MOMENTUM).add(mean.mul(MOMENTUM)).reshape(gradient.dim(0), -1);
    }

    /** Brings all singular values of matrices {@code [G, out, in]} near 1. Half precision is enough: the iteration only has to come near. */
    private Tensor orthogonal(Tensor matrices) {
        boolean tall = matrices.dim(1) > matrices.dim(2);
        Tensor wide = tall ? matrices.transpose(1, 2) : matrices;
        Tensor length = wide.mul(wide).sum(2).sum(1).sqrt().add(EPS); // (G)
        Tensor x = wide.div(length.reshape(-1, 1, 1)).to(DType.BF16);
        for (int i = 0; i < ITERATIONS; i++) {
            Tensor gram = engine.matmul(x, x.transpose(1, 2));
            Tensor polynomial =
                    gram.mul(NEWTON_SCHULZ[1]).add(engine.matmul(gram, gram).mul(NEWTON_SCHULZ[2]));
            x = x.mul(NEWTON_SCHULZ[0]).add(engine.matmul(polynomial, x));
        }
        return tall ? x.transpose(1, 2) : x;
    }
}
