package io.kinora.decoder.parity;

import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.checkpoint.CheckpointOptions;
import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.parity.ParityCase;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Function;

/** The part of a checkpoint that a case is about. */
final class ReleasedPart {
    private ReleasedPart() {}

    /** Loads it in single precision, all of its tensors taken, for as long as it is used. */
    static <M> void use(ParityCase parityCase, Engine engine, Function<Weights, M> constructor, Consumer<M> use) {
        Path folder = parityCase.checkpoint();
        Path weights = parityCase.weights().map(folder::resolve).orElse(folder);
        CheckpointOptions options = CheckpointOptions.DEFAULT.withComputeType(DType.F32);
        try (Checkpoint checkpoint = Checkpoint.open(weights, engine, options)) {
            use.accept(checkpoint.load(constructor));
        }
    }
}
