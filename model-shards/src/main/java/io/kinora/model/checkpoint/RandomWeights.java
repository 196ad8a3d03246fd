package io.kinora.model.checkpoint;

import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.TorchRandom;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.zip.CRC32;

/**
 * An untrained checkpoint that comes into being as it is asked for: a model's own constructor is the one list of its tensors.
 *
 * <p>A tensor's values depend on the seed, its name and its shape only, so that a shard gets what the whole model would get. Weights of
 * linear layers and convolutions are normal with variance 1 over their inputs, embeddings normal with deviation 0.02.
 *
 * <p>Owns the tensors it hands out: they are freed by {@link #close}. Not thread-safe.
 */
public final class RandomWeights implements Weights, AutoCloseable {
    private static final double EMBEDDING_DEVIATION = 0.02;
    private static final double NORM_DEVIATION = 0.2;
    private static final double BIAS_DEVIATION = 0.1;
    private static final double CLIP_LOGIT_SCALE = Math.log(1 / 0.07);

    private final Engine engine;
    private final DType dtype;
    private final long seed;
    private final Initialisation initialisation;
    private final Predicate<String> absent;
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final Weights root = new WeightsView(new Source(), "");

    /**
     * A source of tensors of one floating-point type.
     *
     * @param absent full names that {@link #has} denies, where a model accepts several released forms
     */
    public RandomWeights(
            Engine engine, DType dtype, long seed, Initialisation initialisation, Predicate<String> absent) {
        if (!dtype.isFloat()) {
            throw new IllegalArgumentException("weights are floating-point numbers, not " + dtype);
        }
        this.engine = engine;
        this.dtype = dtype;
        this.seed = seed;
        this.initialisation = initialisation;
        this.absent = absent;
    }

    /** A source that has every tensor asked for. */
    public RandomWeights(Engine engine, DType dtype, long seed, Initialisation initialisation) {
        this(engine, dtype, seed, initialisation, name -> false);
    }

    /** What was taken so far, by full name, in the order of taking. A live, unmodifiable view. */
    public Map<String, Tensor> taken() {
        return Collections.unmodifiableMap(tensors);
    }

    /**
     * Writes what was taken so far, in the layout that {@link Checkpoint} reads.
     *
     * @throws IOException if a file cannot be written
     */
    public void save(Path folder, SaveOptions options) throws IOException {
        CheckpointWriter.save(folder, tensors, options);
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
    public void ignore(String prefix) {
        root.ignore(prefix);
    }

    /** Frees the tensors taken. */
    @Override
    public void close() {
        tensors.values().forEach(Tensor::close);
        tensors.clear();
    }

    private final class Source implements TensorSource {
        @Override
        public Engine engine() {
            return engine;
        }

        @Override
        public boolean has(String name) {
            return !absent.test(name);
        }

        @Override
        public Tensor take(String name, Shape shape) {
            if (tensors.containsKey(name)) {
                throw new CheckpointException(name + " is taken twice");
            }
            if (absent.test(name)) {
                throw new CheckpointException("there is no tensor %s %s".formatted(name, shape));
            }
            try (Scope scope = engine.scope()) {
                Tensor tensor = scope.detach(make(name, shape).to(dtype));
                tensors.put(name, tensor);
                return tensor;
            }
        }

        @Override
        public void ignore(String prefix) {
            // Nothing is made that is not asked for.
        }
    }

    private Tensor make(String name, Shape shape) {
        boolean trained = initialisation == Initialisation.TRAINED;
        return switch (TensorKind.of(name, shape)) {
            case NORM -> trained ? normal(name, shape, 1, NORM_DEVIATION) : constant(1, shape);
            case BIAS -> trained ? normal(name, shape, 0, BIAS_DEVIATION) : constant(0, shape);
            case LOGIT_SCALE -> constant(CLIP_LOGIT_SCALE, shape);
            case ZERO_START -> trained ? normal(name, shape, 0, fanInDeviation(shape)) : constant(0, shape);
            case LINEAR, CONVOLUTION -> normal(name, shape, 0, fanInDeviation(shape));
            case EMBEDDING, OTHER -> normal(name, shape, 0, EMBEDDING_DEVIATION);
        };
    }

    /** One over the root of the inputs that an output sums over: activations keep their size from layer to layer. */
    private static double fanInDeviation(Shape shape) {
        double inputs = (double) shape.elements() / Math.max(1, shape.dim(0));
        return 1 / Math.sqrt(Math.max(1, inputs));
    }

    private Tensor constant(double value, Shape shape) {
        return engine.full(value, DType.F32, shape.toArray());
    }

    private Tensor normal(String name, Shape shape, double mean, double deviation) {
        Tensor noise = new TorchRandom(seedOf(name)).normal(engine, shape.toArray());
        return noise.mul(deviation).add(mean);
    }

    private long seedOf(String name) {
        CRC32 hash = new CRC32();
        hash.update(name.getBytes(StandardCharsets.UTF_8));
        return hash.getValue() ^ ((seed * 0x9E3779B97F4A7C15L) >>> 32);
    }
}
