package io.kinora.model.checkpoint;

import io.kinora.tensor.file.TensorFile;
import io.kinora.tensor.file.TensorFileException;
import io.kinora.tensor.file.TensorInfo;
import io.kinora.tensor.safetensors.SafetensorsFile;
import io.kinora.tensor.torchfile.TorchFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The open files of one checkpoint, with their tensors under the model's names. */
final class CheckpointFiles implements AutoCloseable {
    private final Path path;
    private final List<TensorFile> files;
    private final Map<String, Stored> tensors;

    private CheckpointFiles(Path path, List<TensorFile> files, Map<String, Stored> tensors) {
        this.path = path;
        this.files = files;
        this.tensors = tensors;
    }

    /** Where a tensor lies, and what it is called there. */
    record Stored(TensorFile file, String name, TensorInfo info) {
        ByteBuffer bytes() {
            return file.bytes(name);
        }

        boolean isMapped() {
            return file.isMapped(name);
        }

        @Override
        public String toString() {
            return "%s in %s".formatted(name, file.path().getFileName());
        }
    }

    static CheckpointFiles open(Path path, CheckpointOptions options) {
        List<TensorFile> files = new ArrayList<>();
        try {
            CheckpointLayout layout = CheckpointLayout.resolve(path, options.variant());
            for (Path file : layout.files()) {
                files.add(openFile(file));
            }
            return new CheckpointFiles(path, files, collect(files, layout, options.naming()));
        } catch (IOException e) {
            files.forEach(TensorFile::close);
            throw new CheckpointException("cannot read the checkpoint %s: %s".formatted(path, e), e);
        } catch (TensorFileException e) {
            files.forEach(TensorFile::close);
            throw new CheckpointException(e.getMessage(), e);
        } catch (RuntimeException e) {
            files.forEach(TensorFile::close);
            throw e;
        }
    }

    /** By what is in it: released files bear the endings of one format and hold the other often enough. */
    private static TensorFile openFile(Path file) throws IOException {
        return isTorch(file) ? TorchFile.open(file) : SafetensorsFile.open(file);
    }

    private static boolean isTorch(Path file) throws IOException {
        return TorchFile.recognises(file)
                || Stream.of(".bin", ".pt", ".pth").anyMatch(file.getFileName().toString()::endsWith);
    }

    private static Map<String, Stored> collect(List<TensorFile> files, CheckpointLayout layout, Naming naming) {
        Map<String, Stored> tensors = new LinkedHashMap<>();
        List<String> misplaced = new ArrayList<>();
        for (TensorFile file : files) {
            file.tensors().forEach((stored, info) -> {
                if (!layout.fileOf().getOrDefault(stored, file.path()).equals(file.path())) {
                    return; // the index prefers the copy in another file
                }
                naming.nameOf(stored).ifPresent(name -> {
                    Stored clash = tensors.put(name, new Stored(file, stored, info));
                    if (clash != null) {
                        throw new CheckpointException("%s and %s in %s would both be called %s"
                                .formatted(clash, stored, file.path().getFileName(), name));
                    }
                });
            });
        }
        for (TensorFile file : files) {
            layout.fileOf().forEach((stored, at) -> {
                if (at.equals(file.path()) && !file.tensors().containsKey(stored)) {
                    misplaced.add("%s in %s".formatted(stored, at.getFileName()));
                }
            });
        }
        if (!misplaced.isEmpty()) {
            throw new CheckpointException("%d tensors are not where the index has them: %s"
                    .formatted(misplaced.size(), Listing.first(misplaced)));
        }
        return tensors;
    }

    Path path() {
        return path;
    }

    Map<String, Stored> tensors() {
        return tensors;
    }

    Inventory inventory() {
        Map<String, TensorInfo> infos = new LinkedHashMap<>();
        tensors.forEach((name, stored) -> infos.put(name, stored.info()));
        return new Inventory(infos);
    }

    @Override
    public void close() {
        files.forEach(TensorFile::close);
    }
}
