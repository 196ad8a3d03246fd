package io.kinora.model.llm.parity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.model.checkpoint.CheckpointOptions;
import io.kinora.model.checkpoint.LoraAdapter;
import io.kinora.model.checkpoint.LoraMode;
import io.kinora.model.checkpoint.Naming;
import io.kinora.model.checkpoint.Weights;
import io.kinora.model.llm.KvCacheLayout;
import io.kinora.model.llm.LlamaConfig;
import io.kinora.model.llm.LlamaStage;
import io.kinora.model.llm.StageBatch;
import io.kinora.model.llm.StageChain;
import io.kinora.model.llm.StageParts;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** The language model of a case, in single precision. */
final class CaseModel implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Where an Emu2 keeps its language model. */
    private static final String EMU2_DECODER = "decoder.lm.";

    private final Checkpoint checkpoint;
    private final Optional<LoraAdapter> adapter;
    private final StageChain stages;

    private CaseModel(Checkpoint checkpoint, Optional<LoraAdapter> adapter, StageChain stages) {
        this.checkpoint = checkpoint;
        this.adapter = adapter;
        this.stages = stages;
    }

    /** Opens the case's checkpoint, with the adapter if there is one, and room in the cache for all positions of some sequences. */
    static CaseModel open(ParityCase parityCase, Engine engine, int sequences) {
        LlamaConfig config = config(parityCase);
        Path folder = parityCase.checkpoint();
        Path weights = parityCase.weights().map(folder::resolve).orElse(folder);
        CheckpointOptions options = CheckpointOptions.DEFAULT.withComputeType(DType.F32);
        boolean emu2 = Checkpoint.inventory(weights, options).tensors().keySet().stream()
                .anyMatch(name -> name.contains(EMU2_DECODER));
        Naming naming = emu2 ? CaseModel::inEmu2 : Naming.asStored();
        long cacheBytes =
                KvCacheLayout.of(config, config.layers(), DType.F32).bytesFor(sequences, config.maxPositions());
        Checkpoint checkpoint = Checkpoint.open(weights, engine, options.withNaming(naming));
        try {
            Optional<LoraAdapter> adapter = parityCase
                    .adapter()
                    .map(path -> LoraAdapter.open(path, engine, Optional.of(DType.F32), LoraMode.APART));
            CaseStages held = CaseStages.of(parityCase, config);
            StageChain stages = adapter.isPresent()
                    ? adapter.get().load(checkpoint, taken -> chain(taken, config, held, cacheBytes))
                    : checkpoint.load(taken -> chain(taken, config, held, cacheBytes));
            return new CaseModel(checkpoint, adapter, stages);
        } catch (RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    private static StageChain chain(Weights weights, LlamaConfig config, CaseStages held, long cacheBytes) {
        return new StageChain(held.ranges().stream()
                .map(range -> new LlamaStage(
                        weights, config, StageParts.of(range, config.layers()), held.scheme(), cacheBytes))
                .toList());
    }

    private static Optional<String> inEmu2(String stored) {
        int at = stored.indexOf(EMU2_DECODER);
        return at < 0 ? Optional.empty() : Optional.of(stored.substring(at + EMU2_DECODER.length()));
    }

    /** Sizes, as the released file has them but for what the case itself says. */
    static LlamaConfig config(ParityCase parityCase) {
        JsonNode json = read(parityCase.checkpoint().resolve("config.json"));
        if (parityCase.config().isObject() && json instanceof ObjectNode released) {
            released.setAll((ObjectNode) parityCase.config());
        }
        return LlamaConfig.from(json);
    }

    /** What ends an answer of the official generation, and what then stands in its row. */
    record Ends(Set<Long> tokens, long pad) {
        static Ends of(ParityCase parityCase, LlamaConfig config) {
            Path file = parityCase.checkpoint().resolve("generation_config.json");
            JsonNode generation = Files.exists(file) ? read(file) : JSON.createObjectNode();
            Set<Long> ends = new LinkedHashSet<>();
            JsonNode listed = generation.path("eos_token_id");
            if (listed.isArray()) {
                listed.forEach(id -> ends.add(id.longValue()));
            } else if (listed.isNumber()) {
                ends.add(listed.longValue());
            } else {
                config.eosTokens().forEach(id -> ends.add(id.longValue()));
            }
            long first = ends.stream().findFirst().orElse(0L);
            long configured = config.padToken().isPresent() ? config.padToken().getAsInt() : first;
            return new Ends(ends, generation.path("pad_token_id").asLong(configured));
        }

        /** Whether the official generation takes padding in a prompt for padding when no mask says so. */
        boolean padIsKnown() {
            return !tokens.contains(pad);
        }
    }

    private static JsonNode read(Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new CheckpointException("cannot read %s: %s".formatted(file, e.getMessage()), e);
        }
    }

    StageChain stages() {
        return stages;
    }

    /** All rows of a sequence out of the last layer, behind the final norm, {@code [T, D]}. */
    Tensor run(long sequence, TokenRows.Row row) {
        Tensor embedded = stages.embed(row.ids(stages.engine()));
        return stages.forward(StageBatch.of(sequence, 0, row.length()), embedded, row.positions());
    }

    @Override
    public void close() {
        stages.close();
        adapter.ifPresent(LoraAdapter::close);
        checkpoint.close();
    }
}
