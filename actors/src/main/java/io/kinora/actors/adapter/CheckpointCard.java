package io.kinora.actors.adapter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.model.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a checkpoint folder is: its name, what tells it apart from others of that name, and whether it was ever trained.
 *
 * @param name from {@code kinora.json}, else the folder's name
 * @param revision a hash over the folder's files; of large files, their size, beginning and end
 * @param untrained true if {@code kinora.json} says that the weights are random
 */
public record CheckpointCard(String name, String revision, boolean untrained) {
    private static final String FILE = "kinora.json";
    private static final int SAMPLE_BYTES = 1 << 20;
    private static final int REVISION_DIGITS = 16;

    /**
     * Reads a folder's card.
     *
     * @throws CheckpointException if the folder cannot be read
     */
    public static CheckpointCard of(Path folder) {
        try {
            Path file = folder.resolve(FILE);
            JsonNode card = Files.exists(file)
                    ? new ObjectMapper().readTree(file.toFile())
                    : new ObjectMapper().createObjectNode();
            String folderName = folder.toRealPath().getFileName().toString();
            return new CheckpointCard(
                    card.path("name").asText(folderName),
                    revision(folder),
                    card.path("untrained").asBoolean(false));
        } catch (IOException e) {
            throw new CheckpointException("%s cannot be read: %s".formatted(folder, e.getMessage()), e);
        }
    }

    private static String revision(Path folder) throws IOException {
        MessageDigest digest = sha256();
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path file : files) {
            long size = Files.size(file);
            digest.update(folder.relativize(file).toString().getBytes(StandardCharsets.UTF_8));
            digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, size));
            try (InputStream in = Files.newInputStream(file)) {
                digest.update(in.readNBytes(SAMPLE_BYTES));
                in.skipNBytes(Math.max(0, size - 2L * SAMPLE_BYTES)); // what is smaller is read whole
                digest.update(in.readNBytes(SAMPLE_BYTES));
            }
        }
        return HexFormat.of().formatHex(digest.digest()).substring(0, REVISION_DIGITS);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
