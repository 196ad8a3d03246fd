package io.kinora.decoder.schedule;

import io.kinora.tensor.DType;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** What all runs share: the timesteps, the order of evaluations, and tensors that outlive a step. */
abstract class AbstractRun implements SamplerRun {
    private static final int NOT_STARTED = -1;

    private final double[] timesteps;
    private final List<Tensor> kept = new ArrayList<>();
    private int next = NOT_STARTED;

    AbstractRun(double[] timesteps) {
        this.timesteps = timesteps;
    }

    @Override
    public final int evaluations() {
        return timesteps.length;
    }

    @Override
    public final double timestep(int i) {
        return timesteps[i];
    }

    @Override
    public double initNoiseSigma() {
        return 1;
    }

    @Override
    public Tensor scaleModelInput(Tensor sample, int i) {
        return sample;
    }

    @Override
    public final Tensor step(Tensor modelOutput, int i, Tensor sample) {
        if (i < 0 || i >= timesteps.length || (next != NOT_STARTED && i != next)) {
            throw new IllegalStateException("evaluation %d of %d is out of order, expected %s"
                    .formatted(i, timesteps.length, next == NOT_STARTED ? "one of them" : Integer.toString(next)));
        }
        try (Scope scope = sample.engine().scope()) {
            Tensor stepped = advance(scope, modelOutput.to(DType.F32), i, sample.to(DType.F32));
            next = i + 1;
            return scope.keep(stepped);
        }
    }

    /** The next sample, in memory of its own; history goes to {@link #remember}. */
    abstract Tensor advance(Scope scope, Tensor modelOutput, int i, Tensor sample);

    /** Keeps a tensor of the scope until {@link #forget} or the end of the run. */
    final Tensor remember(Scope scope, Tensor tensor) {
        Tensor detached = scope.detach(tensor);
        kept.add(detached);
        return detached;
    }

    /** Frees a remembered tensor. */
    final void forget(Tensor tensor) {
        if (kept.remove(tensor)) {
            tensor.close();
        }
    }

    @Override
    public final void close() {
        kept.forEach(Tensor::close);
        kept.clear();
    }
}
