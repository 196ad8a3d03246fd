package io.kinora.model.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.kinora.tensor.DType;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.file.TensorInfo;
import io.kinora.tensor.safetensors.SafetensorsWriter;
import io.kinora.tensor.safetensors.SafetensorsWriter.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Writes a model's tensors as {@link Checkpoint} and the Python libraries read them: safetensors, with an index where cut into files. */
public final class CheckpointWriter {
    /** The mark by which transformers knows that the tensors are laid out as PyTorch has them. */
    private static final Map<String, String> METADATA = Map.of("format", "pt");

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final Path folder;
    private final SaveOptions options;

    private CheckpointWriter(Path folder, SaveOptions options) {
        this.folder = folder;
        this.options = options;
    }

    /**
     * Writes tensors into a folder, which is made if it is not there; a checkpoint of the same stem and variant is replaced.
     *
     * <p>Each file appears whole or not at all, the index last. While a checkpoint of several files is being replaced its folder
     * holds parts of both; where a crash matters, write into a new folder and move it.
     *
     * @param tensors by their names, in the order in which they are dealt out to files
     * @throws IOException if a file cannot be written
     */
    public static void save(Path folder, Map<String, Tensor> tensors, SaveOptions options) throws IOException {
        CheckpointWriter writer = new CheckpointWriter(folder, options);
        writer.save(tensors.entrySet().stream()
                .map(named -> writer.entry(named.getKey(), named.getValue()))
                .toList());
    }

    /**
     * Writes tensors that are computed when their turn comes, one at a time. Types are those of the entries. Otherwise as
     * {@link #save(Path, Map, SaveOptions)}.
     */
    public static void save(Path folder, List<Entry> tensors, SaveOptions options) throws IOException {
        new CheckpointWriter(folder, options).save(tensors);
    }

    private void save(List<Entry> tensors) throws IOException {
        Files.createDirectories(folder);
        List<List<Entry>> files = deal(tensors);
        Set<Path> written = new HashSet<>();
        if (files.size() == 1) {
            written.add(write(single(), files.get(0)));
        } else {
            Map<String, String> weightMap = new TreeMap<>();
            long bytes = 0;
            for (int i = 0; i < files.size(); i++) {
                Path file = write(piece(i + 1, files.size()), files.get(i));
                written.add(file);
                for (Entry entry : files.get(i)) {
                    weightMap.put(entry.name(), file.getFileName().toString());
                    bytes += TensorInfo.bytes(entry.dtype(), entry.shape());
                }
            }
            written.add(writeIndex(Map.of("metadata", Map.of("total_size", bytes), "weight_map", weightMap)));
        }
        removeOthers(written);
    }

    private List<List<Entry>> deal(List<Entry> tensors) {
        List<List<Entry>> files = new ArrayList<>(List.of(new ArrayList<>()));
        long filled = 0;
        for (Entry entry : tensors) {
            long bytes = TensorInfo.bytes(entry.dtype(), entry.shape());
            if (filled > 0 && filled + bytes > options.maxFileBytes()) {
                files.add(new ArrayList<>());
                filled = 0;
            }
            files.get(files.size() - 1).add(entry);
            filled += bytes;
        }
        return files;
    }

    private Entry entry(String name, Tensor tensor) {
        DType type = tensor.dtype().isFloat() ? options.type().orElse(tensor.dtype()) : tensor.dtype();
        return new Entry(name, type, tensor.shape(), () -> {
            try (Scope scope = tensor.engine().scope()) {
                return ByteBuffer.wrap(tensor.to(type).toBytes());
            }
        });
    }

    private Path write(Path file, List<Entry> entries) throws IOException {
        SafetensorsWriter.write(file, entries, METADATA);
        return file;
    }

    private Path writeIndex(Map<String, Object> index) throws IOException {
        Path file = index();
        Path part = file.resolveSibling("." + file.getFileName() + ".part");
        try {
            JSON.writeValue(part.toFile(), new TreeMap<>(index));
            return Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** What is left of the checkpoint that was here would be read before, or beside, the new one. */
    private void removeOthers(Set<Path> written) throws IOException {
        Pattern piece = Pattern.compile(Pattern.quote(stemAndVariant()) + "-\\d{5}-of-\\d{5}\\.safetensors");
        List<Path> old;
        try (Stream<Path> all = Files.list(folder)) {
            old = all.filter(file -> file.equals(single())
                            || file.equals(index())
                            || piece.matcher(file.getFileName().toString()).matches())
                    .filter(file -> !written.contains(file))
                    .toList();
        }
        for (Path file : old) {
            Files.delete(file);
        }
    }

    private String stemAndVariant() {
        return options.stem() + options.variant().map(variant -> "." + variant).orElse("");
    }

    private Path single() {
        return folder.resolve(stemAndVariant() + ".safetensors");
    }

    private Path piece(int number, int count) {
        return folder.resolve("%s-%05d-of-%05d.safetensors".formatted(stemAndVariant(), number, count));
    }

    private Path index() {
        return folder.resolve("%s.safetensors.index%s.json"
                .formatted(
                        options.stem(),
                        options.variant().map(variant -> "." + variant).orElse("")));
    }
}
