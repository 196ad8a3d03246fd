package io.kinora.model.modaverse;

import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.checkpoint.CheckpointOptions;
import io.kinora.model.checkpoint.LoraAdapter;
import io.kinora.model.checkpoint.LoraSettings;
import io.kinora.model.checkpoint.Weights;
import io.kinora.model.llm.LlamaStage;
import io.kinora.model.llm.StageParts;
import io.kinora.model.shard.LayerRange;
import io.kinora.tensor.Engine;
import java.util.function.Function;

/**
 * The tensors of a language model that ModaVerse trained further: the base's, with LoRA laid over them and embedding table and head
 * replaced. Not thread-safe.
 */
public final class ModaVerseWeights implements AutoCloseable {
    private final ModaVerseConfig config;
    private final ModaVerseOptions options;
    private final Checkpoint base;
    private final LoraAdapter trained;

    private ModaVerseWeights(ModaVerseConfig config, ModaVerseOptions options, Checkpoint base, LoraAdapter trained) {
        this.config = config;
        this.options = options;
        this.base = base;
        this.trained = trained;
    }

    /**
     * Opens base and trained tensors.
     *
     * @throws io.kinora.model.checkpoint.CheckpointException if one is missing or damaged
     */
    public static ModaVerseWeights open(
            ModaVerseFolder folder, ModaVerseConfig config, Engine engine, ModaVerseOptions options) {
        Checkpoint base = Checkpoint.open(folder.languageModel(), engine, typed(CheckpointOptions.DEFAULT, options));
        try {
            CheckpointOptions named = CheckpointOptions.DEFAULT.withNaming(TrainedNames.LANGUAGE);
            Checkpoint trained = Checkpoint.open(folder.trained(), engine, typed(named, options));
            LoraSettings strength = LoraSettings.of(options.loraAlpha());
            return new ModaVerseWeights(config, options, base, new LoraAdapter(trained, strength, options.lora()));
        } catch (RuntimeException e) {
            base.close();
            throw e;
        }
    }

    /** Opens the tensors of the projection. Errors as {@link #open}. */
    public static Checkpoint openProjection(ModaVerseFolder folder, Engine engine, ModaVerseOptions options) {
        CheckpointOptions named = CheckpointOptions.DEFAULT.withNaming(TrainedNames.PROJECTION);
        return Checkpoint.open(folder.trained(), engine, typed(named, options));
    }

    private static CheckpointOptions typed(CheckpointOptions named, ModaVerseOptions options) {
        return options.computeType().map(named::withComputeType).orElse(named);
    }

    /**
     * Makes a part of the language model; every tensor must find its place in it or be left to others by it.
     *
     * @throws io.kinora.model.checkpoint.CheckpointException if tensors are missing, left over or of another shape: one message names
     *     them all
     */
    public <M> M load(Function<Weights, M> constructor) {
        return trained.load(base, constructor);
    }

    /** Takes the tensors of some layers, with the embedding table or the head where they belong to these. Errors as {@link #load}. */
    public LlamaStage stage(LayerRange range) {
        return load(weights -> new LlamaStage(
                weights,
                config.language(),
                StageParts.of(range, config.language().layers()),
                options.languageWeights(),
                options.cacheBytes()));
    }

    @Override
    public void close() {
        trained.close();
        base.close();
    }
}
