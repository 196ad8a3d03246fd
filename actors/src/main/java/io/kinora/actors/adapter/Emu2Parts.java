package io.kinora.actors.adapter;

import io.kinora.actors.shard.FrameEncoder;
import io.kinora.actors.shard.LanguageModelStage;
import io.kinora.actors.shard.LlamaLanguageModelStage;
import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.emu2.Emu2Config;
import io.kinora.model.emu2.Emu2Folder;
import io.kinora.model.emu2.Emu2Footprint;
import io.kinora.model.emu2.Emu2Model;
import io.kinora.model.emu2.Emu2Options;
import io.kinora.model.emu2.Emu2Projections;
import io.kinora.model.emu2.Emu2Vision;
import io.kinora.model.emu2.Emu2Workload;
import io.kinora.model.emu2.prompt.Emu2Prompts;
import io.kinora.model.shard.DeviceBudget;
import io.kinora.model.shard.LayerRange;
import io.kinora.model.shard.PlannedStage;
import io.kinora.model.shard.ShardPlan;
import io.kinora.model.text.Tokenizer;
import io.kinora.model.text.Tokenizers;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * A released Emu2 folder as the parts that actors host. Each part opens the weights for itself, mapped into memory, so that it can be loaded again after
 * a failure, and takes only what it needs. Thread-safe.
 */
public final class Emu2Parts {
    private final Emu2Folder folder;
    private final Emu2Config config;
    private final Tokenizer tokenizer;
    private final Engine engine;
    private final Emu2Options options;

    private Emu2Parts(Emu2Folder folder, Emu2Config config, Tokenizer tokenizer, Engine engine, Emu2Options options) {
        this.folder = folder;
        this.config = config;
        this.tokenizer = tokenizer;
        this.engine = engine;
        this.options = options;
    }

    /**
     * Reads configuration and tokenizer; weights are read when a part is loaded.
     *
     * @throws io.kinora.model.checkpoint.CheckpointException if the folder is no Emu2 folder
     */
    public static Emu2Parts open(Path path, Engine engine, Emu2Options options) {
        Emu2Folder folder = Emu2Folder.find(path);
        return new Emu2Parts(
                folder, Emu2Config.read(folder.config()), Tokenizers.open(folder.tokenizer()), engine, options);
    }

    /** The engine that its parts compute on. */
    public Engine engine() {
        return engine;
    }

    /** Sizes of the model. */
    public Emu2Config config() {
        return config;
    }

    /** Most pictures that its encoder computes in one go. */
    public int imagesAtOnce() {
        return options.imagesAtOnce();
    }

    /** Its tokenizer. */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** Its prompts. */
    public Emu2Prompts prompts() {
        return new Emu2Prompts(
                tokenizer,
                config.imageEmbeddings(),
                config.frameEmbeddings(),
                config.language().maxPositions());
    }

    /**
     * How it is laid on devices, reckoned from the headers: what {@code kinora plan} prints for the same devices and workload.
     *
     * @throws io.kinora.model.shard.PlanRefusedException if it does not fit, with the figures
     */
    public ShardPlan plan(List<DeviceBudget> devices, Emu2Workload workload) {
        return ShardPlan.of(
                Emu2Footprint.of(config, Emu2Model.inventory(folder), options).of(workload), devices);
    }

    /** Loads the visual encoder on this engine's device. */
    public Supplier<FrameEncoder> encoder() {
        return encoder(engine.device());
    }

    /** Loads the visual encoder where a plan has it. */
    public Supplier<FrameEncoder> encoder(ShardPlan plan) {
        return encoder(device(plan.stages().get(0)));
    }

    private Supplier<FrameEncoder> encoder(Device device) {
        return () -> {
            Engine own = engineOn(device);
            Checkpoint checkpoint = Emu2Model.open(folder, own, options);
            return new Encoder(
                    checkpoint,
                    new Emu2Vision(checkpoint, config, options),
                    config.vision().imageSize(),
                    () -> release(own));
        };
    }

    /**
     * Loads the stages of the language model on this engine's device, as many layers in each, as far as that goes.
     *
     * @throws IllegalArgumentException if there are more stages than layers
     */
    public List<Supplier<LanguageModelStage>> stages(int count) {
        int layers = config.language().layers();
        if (count < 1 || count > layers) {
            throw new IllegalArgumentException(
                    "%d layers are cut into 1 to %d stages, got %d".formatted(layers, layers, count));
        }
        return IntStream.range(0, count)
                .mapToObj(i -> new LayerRange(i * layers / count, (i + 1) * layers / count))
                .map(range -> stage(range, engine.device(), options))
                .toList();
    }

    /** Loads the stages of the language model as a plan has them: layers, devices, and bytes for keys and values. */
    public List<Supplier<LanguageModelStage>> stages(ShardPlan plan) {
        return plan.stages().stream()
                .filter(planned -> planned.layers().size() > 0)
                .map(planned -> stage(planned.layers(), device(planned), options.withCacheBytes(planned.cacheBytes())))
                .toList();
    }

    /** Graphics cards count from this engine's on; on a processor every stage has a thread of its own. */
    private Device device(PlannedStage planned) {
        Device first = engine.device();
        return first.kind() == Device.Kind.CPU ? first : Device.cuda(first.index() + planned.number());
    }

    private Engine engineOn(Device device) {
        return device.equals(engine.device()) ? engine : Engines.open(engine.name(), device);
    }

    private void release(Engine used) {
        if (used != engine) {
            used.close();
        }
    }

    private Supplier<LanguageModelStage> stage(LayerRange range, Device device, Emu2Options bounded) {
        return () -> {
            Engine own = engineOn(device);
            Checkpoint checkpoint = Emu2Model.open(folder, own, bounded);
            Emu2Projections projections = new Emu2Projections(checkpoint, config);
            boolean first = range.from() == 0;
            boolean last = range.to() == config.language().layers();
            return new LlamaLanguageModelStage(
                    Emu2Model.stage(checkpoint, config, bounded, range),
                    first ? Optional.of(projections::up) : Optional.empty(),
                    last ? Optional.of(projections::down) : Optional.empty(),
                    () -> {
                        projections.close();
                        checkpoint.close();
                        release(own);
                    });
        };
    }

    private record Encoder(Checkpoint checkpoint, Emu2Vision vision, int imageSize, Runnable release)
            implements FrameEncoder {
        @Override
        public Engine engine() {
            return checkpoint.engine();
        }

        @Override
        public Tensor encodeFrames(Tensor frames) { // (n, size, size, 3) -> (n, v_query, W)
            return vision.encodeFrames(vision.normalize(engine().adopt(frames)));
        }

        /** Zeros after normalisation, as the released pipeline has it: a picture of the mean colour, not of black. */
        @Override
        public Tensor encodeNothing() {
            return vision.encodeImages(engine().zeros(vision.encoder().dtype(), 1, 3, imageSize, imageSize));
        }

        @Override
        public Tensor encodeStills(Tensor stills) { // (n, size, size, 3) -> (n, n_query, W)
            return vision.encodeImages(vision.normalize(engine().adopt(stills)));
        }

        @Override
        public void close() {
            vision.close();
            checkpoint.close();
            release.run();
        }
    }
}
