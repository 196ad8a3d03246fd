package io.kinora.actors.shard;

import io.kinora.model.llm.KvCache;
import io.kinora.model.llm.StageBatch;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;

/** What a {@link StageHost} computes: some layers of a language model, and at the ends of the row what turns tokens and images into rows and back. */
public interface LanguageModelStage extends AutoCloseable {
    /** The engine it computes on. */
    Engine engine();

    /** Keys and values of its layers. */
    KvCache cache();

    /** The rows of a step, {@code [rows, D]}, made in the caller's scope; the input stays the caller's. */
    Tensor forward(StageBatch batch, StageInput input);

    /** What is asked of the last stage's rows; the tensors belong to no scope. */
    StageResult outputs(Tensor rows, StageOutputs wanted);

    @Override
    void close();
}
