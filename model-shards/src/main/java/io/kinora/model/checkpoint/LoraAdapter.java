package io.kinora.model.checkpoint;

import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.file.TensorInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A low-rank adapter (Hu et al., 2021, arXiv:2106.09685) for a model whose own tensors lie elsewhere: pairs A, B for some of its
 * matrices, and whole tensors that replace others, such as an embedding table with more rows.
 *
 * <p>{@link #adapt} lays it over the model's weights; layers are built from the result as from any other {@link Weights}. The tensors
 * belong to the adapter and live until it is closed, after the model. Not thread-safe.
 */
public final class LoraAdapter implements AutoCloseable {
    private static final String DOWN = ".lora_A.weight";
    private static final String UP = ".lora_B.weight";
    private static final String TABLE_DOWN = ".lora_embedding_A";
    private static final String TABLE_UP = ".lora_embedding_B";
    private static final String WEIGHT = ".weight";

    private static final List<String> FILES =
            List.of("adapter_model.safetensors", "adapter_model.bin", "adapter_model.pt");

    private final Checkpoint tensors;
    private final LoraSettings settings;
    private final LoraMode mode;
    private final List<Tensor> made = new ArrayList<>();

    /**
     * Of tensors named as {@link #PEFT_NAMES} gives them; closing this closes them.
     *
     * @param tensors may hold others too, which the caller takes
     */
    public LoraAdapter(Checkpoint tensors, LoraSettings settings, LoraMode mode) {
        this.tensors = tensors;
        this.settings = settings;
        this.mode = mode;
    }

    /**
     * From the names in a PEFT file, or in the state of a wrapped model, to those of the model with {@code lora_A}, {@code lora_B}
     * behind: {@code base_model.model.} goes, and so do the name of the adapter and what marks a replaced or wrapped module.
     */
    public static final Naming PEFT_NAMES = Naming.without("base_model.model.").then(LoraAdapter::plainName);

    private static Optional<String> plainName(String stored) {
        return Optional.of(stored.replace(".modules_to_save.default.", ".")
                .replace(".modules_to_save.", ".")
                .replace(".base_layer.", ".")
                .replaceAll("\\.(lora_A|lora_B)\\.default\\.weight$", ".$1.weight")
                .replaceAll("\\.(lora_embedding_A|lora_embedding_B)(\\.default)?$", ".$1"));
    }

    /**
     * Opens a folder that PEFT wrote: {@code adapter_config.json} and {@code adapter_model.safetensors} or {@code .bin}.
     *
     * @param computeType type its tensors are converted to; empty keeps the stored one
     * @throws CheckpointException if a file is missing or damaged, or the adapter is of a kind that is not known
     */
    public static LoraAdapter open(Path folder, Engine engine, Optional<DType> computeType, LoraMode mode) {
        LoraSettings settings = LoraSettings.read(folder.resolve("adapter_config.json"));
        Path file = Stream.of(FILES.toArray(String[]::new))
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .orElseThrow(() -> new CheckpointException(
                        "%s holds no adapter: expected one of %s".formatted(folder, String.join(", ", FILES))));
        CheckpointOptions options = CheckpointOptions.DEFAULT.withNaming(PEFT_NAMES);
        return new LoraAdapter(
                Checkpoint.open(
                        file, engine, computeType.map(options::withComputeType).orElse(options)),
                settings,
                mode);
    }

    /**
     * Makes a model of a checkpoint and this adapter, all tensors of both.
     *
     * @throws CheckpointException as {@link Checkpoint#load}, for either
     */
    public <M> M load(Checkpoint base, Function<Weights, M> constructor) {
        return base.load(weights -> tensors.load(adapter -> constructor.apply(adapt(weights))));
    }

    /** The weights of a model with this adapter on them. Tensors of the adapter that no layer takes are the caller's to look for. */
    public Weights adapt(Weights base) {
        return new WeightsView(new Adapted(base), "");
    }

    /** The adapter's own tensors. */
    public Checkpoint tensors() {
        return tensors;
    }

    @Override
    public void close() {
        made.forEach(Tensor::close);
        made.clear();
        tensors.close();
    }

    private final class Adapted implements TensorSource {
        private final Weights base;
        private final Set<String> apart = new HashSet<>();

        Adapted(Weights base) {
            this.base = base;
        }

        @Override
        public Engine engine() {
            return base.engine();
        }

        @Override
        public boolean has(String name) {
            return tensors.has(name) || base.has(name);
        }

        @Override
        public Tensor take(String name, Shape shape) {
            boolean replaced = tensors.has(name);
            if (replaced) {
                base.ignore(name);
            }
            Tensor weight = (replaced ? tensors : base).take(name, shape.toArray());
            if (!isMerged(name)) {
                return weight;
            }
            String module = name.substring(0, name.length() - WEIGHT.length());
            LowRankUpdate update = tensors.has(module + TABLE_DOWN)
                    ? tableUpdate(module, shape)
                    : update(module, shape.dim(1), shape.dim(0));
            return merged(weight, update);
        }

        @Override
        public ReducedMatrix reduced(String name, Quantization scheme, Shape shape) {
            return tensors.has(name) || isMerged(name)
                    ? TensorSource.super.reduced(name, scheme, shape)
                    : base.reduced(name, scheme, shape.toArray());
        }

        private boolean isMerged(String name) {
            if (!name.endsWith(WEIGHT)) {
                return false;
            }
            String module = name.substring(0, name.length() - WEIGHT.length());
            return tensors.has(module + TABLE_DOWN) || (mode == LoraMode.MERGED && tensors.has(module + DOWN));
        }

        @Override
        public void ignore(String prefix) {
            base.ignore(prefix);
            tensors.ignore(prefix);
        }

        @Override
        public Optional<LowRankUpdate> lowRank(String module, long in, long out, DType dtype) {
            if (mode == LoraMode.MERGED || !tensors.has(module + DOWN) || !apart.add(module)) {
                return Optional.empty();
            }
            LowRankUpdate stored = update(module, in, out);
            return Optional.of(new LowRankUpdate(as(stored.down(), dtype), as(stored.up(), dtype), stored.scale()));
        }
    }

    private LowRankUpdate update(String module, long in, long out) {
        int rank = rank(module + DOWN);
        Tensor down = tensors.take(module + DOWN, rank, in);
        Tensor up = tensors.take(module + UP, out, rank);
        return new LowRankUpdate(down, up, settings.scale(module, rank));
    }

    /** A table [V, D] is looked up, not multiplied: its A is [r, V] and its B [D, r]. */
    private LowRankUpdate tableUpdate(String module, Shape shape) {
        int rank = rank(module + TABLE_DOWN);
        Tensor down = tensors.take(module + TABLE_DOWN, rank, shape.dim(0));
        Tensor up = tensors.take(module + TABLE_UP, shape.dim(1), rank);
        try (Scope scope = tensors.engine().scope()) {
            return new LowRankUpdate(
                    own(scope, up.transpose(0, 1)), own(scope, down.transpose(0, 1)), settings.scale(module, rank));
        }
    }

    private int rank(String name) {
        Map<String, TensorInfo> stored = tensors.inventory().tensors();
        Shape shape = stored.get(name).shape();
        if (shape.rank() != 2 || shape.dim(0) < 1) {
            throw new CheckpointException("%s of an adapter is a matrix, got %s".formatted(name, shape));
        }
        return Math.toIntExact(shape.dim(0));
    }

    /** W + scale · B A, computed in single precision and rounded once. */
    private Tensor merged(Tensor weight, LowRankUpdate update) {
        Engine engine = weight.engine();
        try (Scope scope = engine.scope()) {
            Tensor product =
                    engine.matmul(update.up().to(DType.F32), update.down().to(DType.F32)); // (O, C)
            Tensor sum = own(
                    scope, weight.to(DType.F32).add(product.mul(update.scale())).to(weight.dtype()));
            weight.close();
            return sum;
        }
    }

    private Tensor as(Tensor tensor, DType dtype) {
        if (tensor.dtype() == dtype) {
            return tensor;
        }
        try (Scope scope = tensor.engine().scope()) {
            return own(scope, tensor.to(dtype));
        }
    }

    private Tensor own(Scope scope, Tensor tensor) {
        Tensor owned = scope.detach(tensor);
        made.add(owned);
        return owned;
    }
}
