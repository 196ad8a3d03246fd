package io.kinora.model.checkpoint;

import io.kinora.model.checkpoint.CheckpointFiles.Stored;
import io.kinora.model.checkpoint.ReducedMatrixStore.Origin;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.QuantizedWeight;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.file.TensorFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A checkpoint on disk, as it was released: one file or many with an index, safetensors or torch's zip-pickles, mapped into memory.
 *
 * <p>On the CPU a tensor whose type is kept is a view of the mapped file: nothing is copied, its pages are read when first used, and
 * processes that open the same file share them. A model is made with {@link #load}, which compares what the model asks for with what
 * the files hold and reports every difference at once.
 *
 * <p>Owns the tensors it hands out: they are freed by {@link #close}. Not thread-safe.
 */
public final class Checkpoint implements Weights, AutoCloseable {
    private final Engine engine;
    private final CheckpointOptions options;
    private final CheckpointFiles files;
    private final Optional<ReducedMatrixStore> store;
    private final Weights root;
    private final Set<String> taken = new HashSet<>();
    private final List<String> ignored = new ArrayList<>();
    private final List<Tensor> tensors = new ArrayList<>();
    private Optional<Report> loading = Optional.empty();
    private long mappedBytes;
    private long copiedBytes;
    private int reduced;
    private int restored;
    private long nanos;

    private Checkpoint(Engine engine, CheckpointOptions options, CheckpointFiles files, long nanos) {
        this.engine = engine;
        this.options = options;
        this.files = files;
        this.store =
                options.keepReduced() ? Optional.of(ReducedMatrixStore.beside(files.path(), engine)) : Optional.empty();
        this.root = new WeightsView(new Source(), "");
        this.nanos = nanos;
    }

    /**
     * Opens a checkpoint: reads its headers and maps its files.
     *
     * @param path a folder, one file of tensors, or an index
     * @throws CheckpointException if there is no checkpoint, several could be meant, or a file is damaged
     */
    public static Checkpoint open(Path path, Engine engine, CheckpointOptions options) {
        long start = System.nanoTime();
        CheckpointFiles files = CheckpointFiles.open(path, options);
        return new Checkpoint(engine, options, files, System.nanoTime() - start);
    }

    /**
     * Reads the headers of a checkpoint, and no tensor.
     *
     * @throws CheckpointException as {@link #open}
     */
    public static Inventory inventory(Path path, CheckpointOptions options) {
        try (CheckpointFiles files = CheckpointFiles.open(path, options)) {
            return files.inventory();
        }
    }

    /** What it holds, under the model's names. */
    public Inventory inventory() {
        return files.inventory();
    }

    /**
     * Makes a model of this checkpoint's tensors, all of them.
     *
     * @throws CheckpointException if the model asks for tensors that are missing or have another shape, or leaves some untaken: one
     *     message names them all
     */
    public <M> M load(Function<Weights, M> constructor) {
        Report report = new Report();
        loading = Optional.of(report);
        M model;
        try {
            model = constructor.apply(this);
        } catch (RuntimeException e) {
            if (report.isEmpty()) {
                throw e;
            }
            throw report.exception(files.path(), e);
        } finally {
            loading = Optional.empty();
        }
        surplus().forEach(report::surplus);
        if (!report.isEmpty()) {
            throw report.exception(files.path());
        }
        return model;
    }

    /**
     * Checks that every tensor was taken or ignored.
     *
     * @throws CheckpointException if some were not; the message gives their number and the first of them
     */
    public void assertAllTaken() {
        Report untaken = new Report();
        surplus().forEach(untaken::surplus);
        if (!untaken.isEmpty()) {
            throw untaken.exception(files.path());
        }
    }

    /** What loading has cost so far. */
    public LoadStatistics statistics() {
        return new LoadStatistics(taken.size(), mappedBytes, copiedBytes, reduced, restored, Duration.ofNanos(nanos));
    }

    @Override
    public Engine engine() {
        return engine;
    }

    @Override
    public Weights at(String name) {
        return root.at(name);
    }

    @Override
    public boolean has(String name) {
        return root.has(name);
    }

    @Override
    public Tensor take(String name, long... shape) {
        return root.take(name, shape);
    }

    @Override
    public ReducedMatrix reduced(String name, Quantization scheme, long... shape) {
        return root.reduced(name, scheme, shape);
    }

    @Override
    public void ignore(String prefix) {
        root.ignore(prefix);
    }

    /** Frees the tensors taken, and closes the files. */
    @Override
    public void close() {
        tensors.forEach(Tensor::close);
        tensors.clear();
        files.close();
    }

    private List<String> surplus() {
        return files.tensors().entrySet().stream()
                .filter(entry ->
                        !taken.contains(entry.getKey()) && ignored.stream().noneMatch(entry.getKey()::startsWith))
                .map(entry -> entry.getKey().equals(entry.getValue().name())
                        ? entry.getKey()
                        : "%s (stored as %s)"
                                .formatted(entry.getKey(), entry.getValue().name()))
                .toList();
    }

    private final class Source implements TensorSource {
        @Override
        public Engine engine() {
            return engine;
        }

        @Override
        public boolean has(String name) {
            return files.tensors().containsKey(name);
        }

        @Override
        public ReducedMatrix reduced(String name, Quantization scheme, Shape shape) {
            Stored stored = files.tensors().get(name);
            if (store.isEmpty()
                    || stored == null
                    || !stored.info().shape().equals(shape)
                    || !stored.info().dtype().isFloat()) {
                reduced++;
                return TensorSource.super.reduced(name, scheme, shape);
            }
            long start = System.nanoTime();
            DType type = options.computeType().orElse(stored.info().dtype());
            Origin origin = new Origin(stored.file().path(), stored.name(), stored.info(), type);
            Optional<QuantizedWeight> found = store.get().find(name, scheme, shape, origin);
            nanos += System.nanoTime() - start;
            if (found.isPresent()) {
                takeOnce(name);
                restored++;
                return new ReducedMatrix(found.get(), type);
            }
            ReducedMatrix made = TensorSource.super.reduced(name, scheme, shape);
            reduced++;
            store.get().keep(name, made.weight(), origin);
            return made;
        }

        private void takeOnce(String name) {
            if (!taken.add(name)) {
                throw new CheckpointException("%s of %s is taken twice".formatted(name, files.path()));
            }
        }

        @Override
        public Tensor take(String name, Shape shape) {
            Stored stored = files.tensors().get(name);
            if (stored != null) {
                takeOnce(name);
            }
            Report report = loading.orElseGet(Report::new);
            if (stored == null) {
                report.missing(name, shape);
                return standIn(shape, report);
            }
            if (!stored.info().shape().equals(shape)) {
                report.misshapen(name, stored.info().shape(), shape);
                return standIn(shape, report);
            }
            long start = System.nanoTime();
            Tensor tensor = read(stored);
            nanos += System.nanoTime() - start;
            tensors.add(tensor);
            return tensor;
        }

        @Override
        public void ignore(String prefix) {
            ignored.add(prefix);
        }
    }

    private Tensor read(Stored stored) {
        DType type = stored.info().dtype();
        try (Scope scope = engine.scope()) {
            Tensor wrapped = engine.wrap(stored.bytes(), type, stored.info().shape());
            Tensor tensor = type.isFloat() ? wrapped.to(options.computeType().orElse(type)) : wrapped;
            if (stored.isMapped() && tensor.dtype() == type && engine.device().kind() == Device.Kind.CPU) {
                mappedBytes += stored.info().bytes();
            } else {
                copiedBytes += stored.info().shape().elements() * tensor.dtype().bytes();
            }
            return scope.detach(tensor);
        } catch (TensorFileException e) {
            throw new CheckpointException(e.getMessage(), e);
        }
    }

    /**
     * While a model is being loaded, a constructor goes on with zeros so that all faults are found; the model is then refused. Outside
     * of {@link #load} the fault is thrown at once.
     */
    private Tensor standIn(Shape shape, Report report) {
        if (loading.isEmpty()) {
            throw report.exception(files.path());
        }
        long[] ones = new long[shape.rank()];
        Arrays.fill(ones, 1);
        try (Scope scope = engine.scope()) {
            Tensor zeros = engine.zeros(options.computeType().orElse(DType.F32), ones);
            Tensor tensor = scope.detach(shape.rank() == 0 ? zeros : zeros.expand(shape.toArray()));
            tensors.add(tensor);
            return tensor;
        }
    }
}
