package io.kinora.model.llm;

import io.kinora.model.checkpoint.Initialisation;
import io.kinora.model.checkpoint.RandomWeights;
import io.kinora.model.shard.LayerRange;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** A small untrained language model with everything in it that a large one has. */
final class TinyLlama implements AutoCloseable {
    static final int VOCABULARY = 40;

    private final RandomWeights weights;
    private final StageChain stages;

    TinyLlama(Engine engine, int stageCount, int blocks, Optional<Quantization> quantization) {
        this(engine, config(64), stageCount, blocks, quantization);
    }

    TinyLlama(Engine engine, LlamaConfig config, int stageCount, int blocks, Optional<Quantization> quantization) {
        this.weights = new RandomWeights(engine, DType.F32, 7, Initialisation.TRAINED);
        List<LlamaStage> made = new ArrayList<>();
        for (int i = 0; i < stageCount; i++) {
            LayerRange layers =
                    new LayerRange(config.layers() * i / stageCount, config.layers() * (i + 1) / stageCount);
            long bytes = KvCacheLayout.of(config, layers.size(), DType.F32).blockBytes() * blocks;
            made.add(new LlamaStage(weights, config, StageParts.of(layers, config.layers()), quantization, bytes));
        }
        this.stages = new StageChain(made);
    }

    /** Without an end token, so that answers go on until they are stopped. */
    static LlamaConfig config(int maxPositions) {
        return new LlamaConfig(
                32, 64, 3, 4, 2, 8, VOCABULARY, 1e-6, 10_000, maxPositions, false, 1, List.of(), OptionalInt.empty());
    }

    StageChain stages() {
        return stages;
    }

    /** The last row out of the model when tokens follow what the cache holds of a sequence. */
    float[] run(long sequence, int start, List<Integer> tokens) {
        Engine engine = stages.engine();
        try (Scope scope = engine.scope()) {
            Tensor hidden = stages.forward(StageBatch.of(sequence, start, tokens.size()), embed(tokens));
            return hidden.select(0, tokens.size() - 1L).toFloats();
        }
    }

    /** The last row out of the model for a whole sequence, computed alone and forgotten. */
    float[] runAlone(List<Integer> tokens) {
        long alone = Long.MIN_VALUE;
        try {
            return run(alone, 0, tokens);
        } finally {
            stages.free(alone);
        }
    }

    Tensor embed(List<Integer> tokens) {
        long[] ids = tokens.stream().mapToLong(Integer::longValue).toArray();
        return stages.embed(stages.engine().of(ids, ids.length));
    }

    @Override
    public void close() {
        stages.close();
        weights.close();
    }
}
