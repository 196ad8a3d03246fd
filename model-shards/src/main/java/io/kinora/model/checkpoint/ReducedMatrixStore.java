package io.kinora.model.checkpoint;

import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.QuantizedWeight;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Shape;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.file.TensorFileException;
import io.kinora.tensor.file.TensorInfo;
import io.kinora.tensor.safetensors.SafetensorsFile;
import io.kinora.tensor.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Matrices in fewer bits beside a checkpoint, a safetensors file for each, in a folder {@code .kinora} that has a folder for each layout.
 *
 * <p>A file says what it was made of: the file that the full matrix lies in with its size and time, the matrix's place in it, and the
 * types. If any of this has changed since, or the parts do not give the checksum that stands beside them, the file is as good as missing,
 * and is written anew. Files appear whole or not at all, so processes may share a folder.
 */
final class ReducedMatrixStore {
    private static final String FOLDER = ".kinora";
    private static final String VERSION = "1";
    private static final int ALIGNMENT = 64; // of vectors, so that mapped parts need no copy

    private final Path folder;
    private final Engine engine;

    private ReducedMatrixStore(Path folder, Engine engine) {
        this.folder = folder;
        this.engine = engine;
    }

    /** Beside the tensors of a checkpoint, which are a folder or a file. */
    static ReducedMatrixStore beside(Path checkpoint, Engine engine) {
        Path tensors = checkpoint.toAbsolutePath();
        Path folder = Files.isDirectory(tensors)
                ? tensors.resolve(FOLDER)
                : tensors.resolveSibling(FOLDER).resolve(tensors.getFileName().toString());
        return new ReducedMatrixStore(folder, engine);
    }

    /**
     * What a reduced matrix was made of.
     *
     * @param file that the full one lies in
     * @param stored its name there
     * @param dtype the type that it was reduced from
     */
    record Origin(Path file, String stored, TensorInfo info, DType dtype) {
        private Map<String, String> facts() throws IOException {
            Map<String, String> facts = new LinkedHashMap<>();
            facts.put("source", file.getFileName().toString());
            facts.put("source_size", Long.toString(Files.size(file)));
            facts.put("source_time", Files.getLastModifiedTime(file).toString());
            facts.put("source_tensor", stored);
            facts.put("source_offset", Long.toString(info.offset()));
            facts.put("source_dtype", info.dtype().name());
            facts.put("dtype", dtype.name());
            return facts;
        }
    }

    /**
     * The matrix as it was put down before; empty if it was not, or cannot be used.
     *
     * @throws CheckpointException if the folder cannot be read
     */
    Optional<QuantizedWeight> find(String name, Quantization scheme, Shape shape, Origin origin) {
        Path file = file(name, scheme);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try (SafetensorsFile parts = SafetensorsFile.open(file)) {
            return parts.metadata().equals(notes(scheme, shape, origin, checksum(parts)))
                    ? Optional.of(engine.restore(scheme, shape, tensors(parts)))
                    : Optional.empty();
        } catch (TensorFileException | ShapeException damaged) {
            return Optional.empty(); // the file is made anew, which is all that could be said about it
        } catch (IOException e) {
            throw new CheckpointException("cannot read %s: %s".formatted(file, e), e);
        }
    }

    /**
     * Puts a matrix down.
     *
     * @throws CheckpointException if the folder cannot be written to
     */
    void keep(String name, QuantizedWeight weight, Origin origin) {
        Path file = file(name, weight.scheme());
        Map<String, ByteBuffer> parts = new TreeMap<>();
        List<SafetensorsWriter.Entry> entries = new ArrayList<>();
        try (Scope scope = engine.scope()) {
            weight.parts().forEach((part, tensor) -> {
                ByteBuffer bytes = ByteBuffer.wrap(tensor.toBytes());
                parts.put(part, bytes);
                entries.add(new SafetensorsWriter.Entry(part, tensor.dtype(), tensor.shape(), () -> bytes));
            });
        }
        try {
            Files.createDirectories(file.getParent());
            SafetensorsWriter.write(
                    file, entries, notes(weight.scheme(), weight.shape(), origin, checksum(parts)), ALIGNMENT);
        } catch (IOException e) {
            throw new CheckpointException(
                    "cannot keep matrices in fewer bits in %s: %s".formatted(file.getParent(), e), e);
        }
    }

    private Path file(String name, Quantization scheme) {
        return folder.resolve(engine.layout(scheme).replace(' ', '-')).resolve(name + ".safetensors");
    }

    private Map<String, String> notes(Quantization scheme, Shape shape, Origin origin, long checksum)
            throws IOException {
        Map<String, String> notes = new LinkedHashMap<>(origin.facts());
        notes.put("version", VERSION);
        notes.put("layout", engine.layout(scheme));
        notes.put("shape", shape.toString());
        notes.put("crc32c", Long.toHexString(checksum));
        return notes;
    }

    private Map<String, Tensor> tensors(SafetensorsFile parts) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        try (Scope scope = engine.scope()) {
            parts.tensors()
                    .forEach((part, info) -> tensors.put(
                            part, scope.detach(engine.wrap(parts.bytes(part), info.dtype(), info.shape()))));
        }
        return tensors;
    }

    private static long checksum(SafetensorsFile file) {
        Map<String, ByteBuffer> parts = new TreeMap<>();
        file.tensors().keySet().forEach(part -> parts.put(part, file.bytes(part)));
        return checksum(parts);
    }

    private static long checksum(Map<String, ByteBuffer> parts) {
        CRC32C checksum = new CRC32C();
        parts.values().forEach(bytes -> checksum.update(bytes.duplicate()));
        return checksum.getValue();
    }
}
