package io.kinora.video;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.Consumer;

/** A file that is written beside its place and moved there when it is whole; removed if it is closed before. */
final class UnfinishedFile implements OpenedParts.Part {
    private final Path target;
    private final Path path;

    private UnfinishedFile(Path target, Path path) {
        this.target = target;
        this.path = path;
    }

    /**
     * Creates it beside the target, whose folder must exist.
     *
     * @throws VideoEncodeException if nothing can be written there
     */
    static UnfinishedFile create(Path target) {
        Path absolute = target.toAbsolutePath();
        try {
            // Not a temporary file of the platform's: those only their owner may read.
            return new UnfinishedFile(
                    absolute,
                    Files.createFile(absolute.resolveSibling(".%s.%d-%d.part"
                            .formatted(
                                    absolute.getFileName(),
                                    ProcessHandle.current().pid(),
                                    System.nanoTime()))));
        } catch (IOException e) {
            throw new VideoEncodeException("%s cannot be written: %s".formatted(target, e), e);
        }
    }

    /** What a writer leaves in a temporary file, whose name ends as given. */
    static byte[] bytes(String suffix, Consumer<Path> writer) {
        Path file;
        try {
            file = Files.createTempFile("kinora-", suffix);
        } catch (IOException e) {
            throw new VideoEncodeException("no temporary file can be made: " + e, e);
        }
        try {
            writer.accept(file);
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new VideoEncodeException("a temporary file cannot be read: " + e, e);
        } finally {
            delete(file);
        }
    }

    Path target() {
        return target;
    }

    /** Where it is written. */
    Path path() {
        return path;
    }

    /** Replaces what is at the target; returns the number of bytes. */
    long moveIntoPlace() {
        try {
            long bytes = Files.size(path);
            try {
                Files.move(path, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(path, target, StandardCopyOption.REPLACE_EXISTING);
            }
            return bytes;
        } catch (IOException e) {
            throw new VideoEncodeException("%s cannot be written: %s".formatted(target, e), e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("the temporary file %s cannot be deleted".formatted(file), e);
        }
    }

    @Override
    public void close() {
        delete(path);
    }
}
