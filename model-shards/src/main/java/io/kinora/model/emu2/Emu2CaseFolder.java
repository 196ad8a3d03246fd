package io.kinora.model.emu2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.tensor.parity.ParityCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Where a parity case keeps the parts of an Emu2, and its sizes. */
public final class Emu2CaseFolder {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Emu2CaseFolder() {}

    /**
     * The folder of a case. Besides what {@link Emu2Folder#find} knows, the encoder's folder may be named as the subfolder, and {@code
     * config.json} may be left out where the case itself says the sizes.
     */
    public static Emu2Folder of(ParityCase parityCase) {
        Path folder = parityCase.checkpoint();
        Path encoder = folder.resolve(Emu2Folder.ENCODER);
        Path model = Files.isDirectory(encoder) ? encoder : folder;
        Path root = parityCase.checkpointRoot();
        Path tokenizer = Stream.of(folder.resolve("tokenizer"), folder, root.resolve("tokenizer"), root)
                .filter(Emu2CaseFolder::holdsTokenizer)
                .findFirst()
                .orElse(folder);
        return new Emu2Folder(
                model.resolve("config.json"),
                parityCase.weights().map(model::resolve).orElse(model),
                tokenizer);
    }

    private static boolean holdsTokenizer(Path folder) {
        return Files.exists(folder.resolve("tokenizer.model")) || Files.exists(folder.resolve("tokenizer.json"));
    }

    /**
     * The released {@code config.json} with what the case says of its own put over it.
     *
     * @throws CheckpointException if it cannot be read
     */
    public static JsonNode config(ParityCase parityCase) {
        Path file = of(parityCase).config();
        try {
            JsonNode released = Files.exists(file) ? JSON.readTree(file.toFile()) : JSON.createObjectNode();
            return parityCase.config().isObject() && released instanceof ObjectNode sizes
                    ? JSON.readerForUpdating(sizes).readValue(parityCase.config())
                    : released;
        } catch (IOException e) {
            throw new CheckpointException("cannot read %s: %s".formatted(file, e.getMessage()), e);
        }
    }
}
