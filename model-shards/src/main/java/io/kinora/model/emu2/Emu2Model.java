package io.kinora.model.emu2;

import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.model.checkpoint.CheckpointOptions;
import io.kinora.model.checkpoint.Inventory;
import io.kinora.model.checkpoint.Weights;
import io.kinora.model.llm.LlamaStage;
import io.kinora.model.llm.StageBatch;
import io.kinora.model.llm.StageChain;
import io.kinora.model.llm.StageParts;
import io.kinora.model.llm.TextGenerator;
import io.kinora.model.shard.LayerRange;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A whole Emu2 in this process: sees, reads, answers, and regresses the embeddings that a picture is decoded from.
 *
 * <p>The parts are those that shards hold; here they are called one after another. Confined to one thread.
 */
public final class Emu2Model implements AutoCloseable {
    /** Sequence of the regression; text generation numbers its own from 1. */
    private static final long REGRESSION = -1;

    private final Emu2Config config;
    private final Emu2Vision vision;
    private final Emu2Projections projections;
    private final StageChain stages;
    private final Emu2Embedder embedder;

    /** Of parts that are loaded already; closing this closes them. */
    public Emu2Model(Emu2Config config, Emu2Vision vision, Emu2Projections projections, StageChain stages) {
        this.config = config;
        this.vision = vision;
        this.projections = projections;
        this.stages = stages;
        this.embedder = new Emu2Embedder(config, stages.stages().get(0), projections);
    }

    /** Takes all tensors, under their native names, with the language model in one stage. */
    public static Emu2Model of(Weights weights, Emu2Config config, Emu2Options options) {
        return of(
                weights,
                config,
                options,
                List.of(LayerRange.all(config.language().layers())));
    }

    /** Takes all tensors, under their native names, with a stage of the language model for each range of layers. */
    public static Emu2Model of(Weights weights, Emu2Config config, Emu2Options options, List<LayerRange> ranges) {
        Emu2Vision vision = new Emu2Vision(weights, config, options);
        Emu2Projections projections = new Emu2Projections(weights, config);
        List<LlamaStage> stages = new ArrayList<>();
        for (LayerRange range : ranges) {
            stages.add(stage(weights, config, options, range));
        }
        return new Emu2Model(config, vision, projections, new StageChain(stages));
    }

    /** Takes the tensors of some layers of the language model, with the embedding table or the head where they belong to these. */
    public static LlamaStage stage(Weights weights, Emu2Config config, Emu2Options options, LayerRange range) {
        return new LlamaStage(
                weights.at("decoder.lm"),
                config.language(),
                StageParts.of(range, config.language().layers()),
                options.languageWeights(),
                options.cacheBytes());
    }

    /**
     * Opens the tensors of a released folder under the native names.
     *
     * @throws CheckpointException if there are none or they are damaged
     */
    public static Checkpoint open(Emu2Folder folder, Engine engine, Emu2Options options) {
        CheckpointOptions named = CheckpointOptions.DEFAULT.withNaming(Emu2Naming.RELEASED);
        CheckpointOptions typed =
                options.computeType().map(named::withComputeType).orElse(named);
        return Checkpoint.open(folder.weights(), engine, options.keepReduced() ? typed.withReducedKept() : typed);
    }

    /**
     * The headers of a released folder's tensors under the native names; no tensor is read.
     *
     * @throws CheckpointException as {@link #open}
     */
    public static Inventory inventory(Emu2Folder folder) {
        return Checkpoint.inventory(folder.weights(), CheckpointOptions.DEFAULT.withNaming(Emu2Naming.RELEASED));
    }

    /** The sizes it was built with. */
    public Emu2Config config() {
        return config;
    }

    /** The visual encoder. */
    public Emu2Vision vision() {
        return vision;
    }

    /** The maps between the two widths. */
    public Emu2Projections projections() {
        return projections;
    }

    /** The language model. */
    public StageChain stages() {
        return stages;
    }

    /** Makes prompts' rows. */
    public Emu2Embedder embedder() {
        return embedder;
    }

    /** Generates text on the language model, one answer at a time. */
    public TextGenerator textGenerator() {
        return new TextGenerator(stages);
    }

    /**
     * Regresses embeddings behind a prompt that ends with {@code [IMG]}: each is read off the language model's last row and fed back
     * as its next. Deterministic.
     *
     * @param prompt rows {@code [T, D]}
     * @param count how many, as {@link Emu2Config#imageEmbeddings} of the released Gen model
     * @return {@code [count, W]}, row-major in the picture
     */
    public Tensor regress(Tensor prompt, int count) {
        int length = (int) prompt.dim(0);
        try (Scope scope = stages.engine().scope()) {
            stages.open(REGRESSION, length + count);
            List<Tensor> found = new ArrayList<>();
            Tensor hidden = stages.prefill(REGRESSION, prompt, TextGenerator.DEFAULT_CHUNK); // (1, D)
            while (true) {
                Tensor embedding = projections.down(stages.engine().adopt(hidden)); // (1, W)
                hidden.close();
                found.add(embedding);
                if (found.size() == count) {
                    return scope.keep(stages.engine().cat(found, 0));
                }
                StageBatch next = StageBatch.of(REGRESSION, length++, 1);
                try (Tensor row = projections.up(embedding)) {
                    hidden = stages.forward(next, row);
                }
            }
        } finally {
            stages.free(REGRESSION);
        }
    }

    /**
     * The unconditional embeddings that guidance needs, {@code [count, W]}: what is regressed behind an empty prompt. They depend on the
     * model only; callers keep them.
     */
    public Tensor regressNegative(int count) {
        int[] empty = {config.language().bosToken(), config.beginImageToken()};
        try (Scope scope = stages.engine().scope()) {
            return scope.keep(regress(embedder.embed(empty, List.of(), List.of()), count));
        }
    }

    @Override
    public void close() {
        stages.close();
        projections.close();
        vision.close();
    }
}
