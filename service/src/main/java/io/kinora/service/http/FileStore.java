package io.kinora.service.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Files that clients uploaded, each with a description beside it, in one folder. Survives a restart; a file whose description was not written is not
 * there. Thread-safe; blocks.
 */
final class FileStore {
    /** What ids of files start with. */
    static final String ID_PREFIX = "file-";

    private static final Pattern ID = Pattern.compile("file-[0-9a-f]{32}");
    private static final String DESCRIPTION = ".json";

    private final Path folder;
    private final long total;
    private final Clock clock;

    /**
     * A file.
     *
     * @param name as the client called it; never a path of ours
     */
    record Stored(String id, String name, String purpose, long bytes, Instant created) {}

    FileStore(Path folder, long total, Clock clock) {
        this.folder = folder;
        this.total = total;
        this.clock = clock;
    }

    /** Keeps a file that lies elsewhere; it is moved. */
    synchronized Stored keep(Path content, String name, String purpose) {
        try {
            Files.createDirectories(folder);
            long bytes = Files.size(content);
            long kept = list().stream().mapToLong(Stored::bytes).sum();
            if (bytes > total - kept) {
                throw ApiException.of(
                        ApiException.Kind.TOO_LARGE,
                        "storage_full",
                        "the file has %,d bytes; %,d of %,d are free: delete files first"
                                .formatted(bytes, total - kept, total));
            }
            Stored stored = new Stored(
                    ID_PREFIX + UUID.randomUUID().toString().replace("-", ""), name, purpose, bytes, clock.instant());
            Files.move(content, folder.resolve(stored.id()), StandardCopyOption.REPLACE_EXISTING);
            Path description = folder.resolve(stored.id() + DESCRIPTION + ".new");
            Files.writeString(description, Json.write(describe(stored)));
            Files.move(description, folder.resolve(stored.id() + DESCRIPTION), StandardCopyOption.ATOMIC_MOVE);
            return stored;
        } catch (IOException e) {
            throw new UncheckedIOException("an uploaded file cannot be kept in " + folder, e);
        }
    }

    /** All files, oldest first. */
    synchronized List<Stored> list() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> entry.getFileName().toString().endsWith(DESCRIPTION))
                    .map(FileStore::read)
                    .sorted(Comparator.comparing(Stored::created).thenComparing(Stored::id))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder, e);
        }
    }

    /** One file. */
    Stored get(String id) {
        return find(id).orElseThrow(() -> unknown(id));
    }

    /** Where a file's bytes are. */
    Path content(String id) {
        return folder.resolve(get(id).id());
    }

    /** Forgets a file. */
    synchronized void delete(String id) {
        Stored stored = get(id);
        try {
            Files.deleteIfExists(folder.resolve(stored.id() + DESCRIPTION));
            Files.deleteIfExists(folder.resolve(stored.id()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + id, e);
        }
    }

    private Optional<Stored> find(String id) {
        // Ids come from outside: nothing but an id of ours becomes part of a path.
        if (!ID.matcher(id).matches()) {
            return Optional.empty();
        }
        Path description = folder.resolve(id + DESCRIPTION);
        return Files.isRegularFile(description) ? Optional.of(read(description)) : Optional.empty();
    }

    private static ApiException unknown(String id) {
        return ApiException.of(ApiException.Kind.NOT_FOUND, "file_not_found", "there is no file '%s'".formatted(id));
    }

    private static Stored read(Path description) {
        try {
            JsonNode node = Json.read(ByteBuffer.wrap(Files.readAllBytes(description)));
            return new Stored(
                    node.path("id").asText(),
                    node.path("filename").asText(),
                    node.path("purpose").asText(),
                    node.path("bytes").asLong(),
                    Instant.ofEpochSecond(node.path("created_at").asLong()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + description, e);
        }
    }

    /** The file object of OpenAI's API. */
    static ObjectNode describe(Stored file) {
        return Json.MAPPER
                .createObjectNode()
                .put("id", file.id())
                .put("object", "file")
                .put("bytes", file.bytes())
                .put("created_at", file.created().getEpochSecond())
                .put("filename", file.name())
                .put("purpose", file.purpose())
                .put("status", "processed");
    }
}
