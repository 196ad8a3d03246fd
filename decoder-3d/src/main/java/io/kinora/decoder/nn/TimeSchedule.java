package io.kinora.decoder.nn;

import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * The time embeddings of a whole denoising schedule, projected for every ResNet once, before the first step.
 *
 * <p>Safe to read from several threads; {@link #close} frees its tensors.
 */
public final class TimeSchedule implements AutoCloseable {
    private final Map<ResnetBlock2d, Tensor> shifts; // [steps · rows, O]
    private final int steps;
    private final int rowsPerStep;

    private TimeSchedule(Map<ResnetBlock2d, Tensor> shifts, int steps, int rowsPerStep) {
        this.shifts = Map.copyOf(shifts);
        this.steps = steps;
        this.rowsPerStep = rowsPerStep;
    }

    /**
     * Projects embeddings for blocks.
     *
     * @param embeddings {@code [steps · rows, D]}: for each step one row for all samples, or one for each
     */
    public static TimeSchedule of(Tensor embeddings, int rowsPerStep, Collection<ResnetBlock2d> blocks) {
        try (Scope scope = embeddings.engine().scope()) {
            Tensor active = embeddings.silu();
            Map<ResnetBlock2d, Tensor> shifts = new HashMap<>();
            for (ResnetBlock2d block : blocks) {
                shifts.put(block, scope.detach(block.shifts(active)));
            }
            return new TimeSchedule(shifts, (int) embeddings.dim(0) / rowsPerStep, rowsPerStep);
        }
    }

    /** Number of steps. */
    public int steps() {
        return steps;
    }

    /** The step of an index, first step 0. */
    public TimeStep step(int index) {
        if (index < 0 || index >= steps) {
            throw new IndexOutOfBoundsException("no step %d in a schedule of %d".formatted(index, steps));
        }
        long first = (long) index * rowsPerStep;
        return block -> shifts.get(block).slice(0, first, first + rowsPerStep);
    }

    @Override
    public void close() {
        shifts.values().forEach(Tensor::close);
    }
}
