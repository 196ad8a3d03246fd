package io.kinora.model.parity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.checkpoint.CheckpointOptions;
import io.kinora.model.checkpoint.Naming;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.file.TensorInfo;
import io.kinora.tensor.safetensors.SafetensorsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/** A parity case among the test resources: a checkpoint, inputs, and what the reference gives for them. */
public final class ParityCase implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Engine engine;
    private final Path folder;
    private final SafetensorsFile tensors;

    private ParityCase(Engine engine, Path folder) {
        this.engine = engine;
        this.folder = folder;
        try {
            this.tensors = SafetensorsFile.open(folder.resolve("tensors.safetensors"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The case of that name under {@code cases/}. */
    public static ParityCase open(Engine engine, String name) {
        URL found = Objects.requireNonNull(ParityCase.class.getResource("/cases/" + name + "/case.json"), name);
        try {
            return new ParityCase(
                    engine, Objects.requireNonNull(Path.of(found.toURI()).getParent()));
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Where its checkpoint lies. */
    public Path checkpointFolder() {
        return folder.resolve("checkpoint");
    }

    /** The checkpoint, widened to single precision. */
    public Checkpoint checkpoint(Naming naming) {
        return Checkpoint.open(
                checkpointFolder(),
                engine,
                CheckpointOptions.DEFAULT.withComputeType(DType.F32).withNaming(naming));
    }

    /** The checkpoint's {@code config.json}. */
    public JsonNode config() {
        return json(checkpointFolder().resolve("config.json"));
    }

    /** The case's own description. */
    public JsonNode description() {
        return json(folder.resolve("case.json"));
    }

    private static JsonNode json(Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An input. */
    public Tensor input(String name) {
        return tensor("input." + name);
    }

    /** What the reference gives. */
    public Tensor output(String name) {
        return tensor("output." + name);
    }

    private Tensor tensor(String name) {
        TensorInfo info = Objects.requireNonNull(tensors.tensors().get(name), name);
        return engine.copyOf(tensors.bytes(name), info.dtype(), info.shape());
    }

    /** Whole numbers of an input or output in one row. */
    public int[] ids(String name) {
        try (Tensor ids = tensor(name)) {
            return Arrays.stream(ids.toLongs()).mapToInt(Math::toIntExact).toArray();
        }
    }

    /**
     * Fails unless the shapes are equal and every element is within the relative error of the largest expected one; the message
     * names the worst element.
     */
    public void assertClose(String output, Tensor got, double largestRelativeError) {
        try (Tensor want = output(output)) {
            if (!got.shape().equals(want.shape())) {
                throw new AssertionError("%s has shape %s, expected %s".formatted(output, got.shape(), want.shape()));
            }
            Closeness.of(got.toFloats(), want.toFloats()).assertWithin(output, largestRelativeError);
        }
    }

    @Override
    public void close() {
        tensors.close();
    }
}
