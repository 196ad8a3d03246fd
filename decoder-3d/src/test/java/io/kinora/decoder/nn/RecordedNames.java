package io.kinora.decoder.nn;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Notes what a network takes from its checkpoint. The tensors handed out are one number, spread: full-size networks cost nothing. */
public final class RecordedNames {
    private final Map<String, Shape> taken = new TreeMap<>();

    /** Weights that hand out spread zeros. */
    public Weights weights(Engine engine) {
        return new View(engine, engine.zeros(DType.F32, 1), "");
    }

    /** Number of tensors taken. */
    public int tensors() {
        return taken.size();
    }

    /** Number of elements taken. */
    public long parameters() {
        return taken.values().stream().mapToLong(Shape::elements).sum();
    }

    /** SHA-256 of the sorted lines {@code NAME [SHAPE]}. */
    public String sha256() {
        String lines = taken.entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue() + "\n")
                .sorted()
                .collect(Collectors.joining());
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(lines.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Names of the weights that are kernels of this size. */
    public List<String> ofKernel(long... size) {
        return taken.entrySet().stream()
                .filter(entry -> entry.getValue().rank() == size.length + 2)
                .filter(entry ->
                        Arrays.equals(Arrays.copyOfRange(entry.getValue().toArray(), 2, size.length + 2), size))
                .map(Map.Entry::getKey)
                .toList();
    }

    private final class View implements Weights {
        private final Engine engine;
        private final Tensor zero;
        private final String prefix;

        View(Engine engine, Tensor zero, String prefix) {
            this.engine = engine;
            this.zero = zero;
            this.prefix = prefix;
        }

        @Override
        public Engine engine() {
            return engine;
        }

        @Override
        public Weights at(String name) {
            return new View(engine, zero, prefix + name + ".");
        }

        @Override
        public boolean has(String name) {
            return true;
        }

        @Override
        public Tensor take(String name, long... shape) {
            if (taken.put(prefix + name, Shape.of(shape)) != null) {
                throw new IllegalStateException(prefix + name + " was taken twice");
            }
            long[] ones = new long[shape.length];
            Arrays.fill(ones, 1);
            return zero.reshape(ones).expand(shape);
        }

        @Override
        public void ignore(String unused) {
            // Only what is taken counts.
        }
    }
}
