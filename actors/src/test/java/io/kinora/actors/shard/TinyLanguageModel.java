package io.kinora.actors.shard;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.ActorRef;
import akka.actor.typed.DispatcherSelector;
import io.kinora.actors.metrics.ServingMetrics;
import io.kinora.model.checkpoint.Initialisation;
import io.kinora.model.checkpoint.RandomWeights;
import io.kinora.model.llm.LlamaConfig;
import io.kinora.model.llm.LlamaStage;
import io.kinora.model.llm.StageChain;
import io.kinora.model.llm.StageParts;
import io.kinora.model.nn.LinearLayer;
import io.kinora.model.shard.LayerRange;
import io.kinora.model.text.Tokenizer;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** A randomly initialised LLaMA of three layers, cut into any stages; the same weights however it is cut. */
final class TinyLanguageModel {
    static final int LAYERS = 3;
    static final int VISUAL_WIDTH = 24;
    private static final int WIDTH = 32;
    private static final long SEED = 11;
    private static final long CACHE_BYTES = 8L << 20;

    /** Bytes of keys and values that one position takes in all layers. */
    static final long POSITION_BYTES = 2L * LAYERS * 2 * 8 * Float.BYTES;

    private final Engine engine;
    private final Tokenizer tokenizer;
    private final LlamaConfig config;
    private final long cacheBytes;

    TinyLanguageModel(Engine engine, Tokenizer tokenizer) {
        this(engine, tokenizer, CACHE_BYTES);
    }

    TinyLanguageModel(Engine engine, Tokenizer tokenizer, long cacheBytes) {
        this.cacheBytes = cacheBytes;
        this.engine = engine;
        this.tokenizer = tokenizer;
        this.config = new LlamaConfig(
                WIDTH,
                2 * WIDTH,
                LAYERS,
                4,
                2,
                8,
                tokenizer.vocabularySize(),
                1e-6,
                10_000,
                512,
                false,
                1,
                List.of(2),
                OptionalInt.empty());
    }

    ActorRef<LanguageModel.Command> spawn(ActorTestKit kit, String name, int stages, LanguageModelSettings settings) {
        return spawn(kit, name, stages, settings, ServingMetrics.inMemory(), Clock.systemUTC());
    }

    ActorRef<LanguageModel.Command> spawn(
            ActorTestKit kit,
            String name,
            int stages,
            LanguageModelSettings settings,
            ServingMetrics metrics,
            Clock clock) {
        return spawn(kit, name, stages(stages), settings, metrics, clock);
    }

    ActorRef<LanguageModel.Command> spawn(
            ActorTestKit kit,
            String name,
            List<Supplier<LanguageModelStage>> stages,
            LanguageModelSettings settings,
            ServingMetrics metrics,
            Clock clock) {
        return kit.spawn(
                LanguageModel.create(
                        Stages.here(stages, DispatcherSelector.fromConfig("kinora.dispatchers.compute")),
                        tokenizer,
                        settings,
                        metrics,
                        clock),
                name);
    }

    List<Supplier<LanguageModelStage>> stages(int stages) {
        return IntStream.range(0, stages)
                .mapToObj(i -> load(new LayerRange(i * LAYERS / stages, (i + 1) * LAYERS / stages)))
                .toList();
    }

    /** The whole model in one place: what the actors are held against. */
    StageChain chain() {
        RandomWeights weights = new RandomWeights(engine, DType.F32, SEED, Initialisation.TRAINED);
        StageParts parts = StageParts.of(new LayerRange(0, LAYERS), LAYERS);
        return new StageChain(List.of(new LlamaStage(weights, config, parts, Optional.empty(), cacheBytes)));
    }

    private Supplier<LanguageModelStage> load(LayerRange range) {
        return () -> {
            RandomWeights weights = new RandomWeights(engine, DType.F32, SEED, Initialisation.TRAINED);
            StageParts parts = StageParts.of(range, LAYERS);
            LlamaStage stage = new LlamaStage(weights, config, parts, Optional.empty(), cacheBytes);
            return new LlamaLanguageModelStage(
                    stage,
                    projection(weights, parts.embedding(), "project_up", VISUAL_WIDTH, WIDTH),
                    projection(weights, parts.head(), "project_down", WIDTH, VISUAL_WIDTH),
                    weights::close);
        };
    }

    private static Optional<UnaryOperator<Tensor>> projection(
            RandomWeights weights, boolean wanted, String name, int in, int out) {
        return wanted
                ? Optional.of(LinearLayer.withoutBias(weights.at(name), in, out, Optional.empty())::forward)
                : Optional.empty();
    }
}
