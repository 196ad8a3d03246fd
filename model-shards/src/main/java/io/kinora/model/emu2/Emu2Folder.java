package io.kinora.model.emu2;

import io.kinora.model.checkpoint.CheckpointException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the parts of a released Emu2 lie.
 *
 * @param config the {@code config.json}
 * @param weights folder or file of the tensors
 * @param tokenizer folder of the tokenizer's files
 */
public record Emu2Folder(Path config, Path weights, Path tokenizer) {
    /** Where the released Gen keeps it. */
    static final String ENCODER = "multimodal_encoder";

    /**
     * Recognises the layouts of Emu2 and Emu2-Chat (everything in one folder) and of Emu2-Gen ({@code multimodal_encoder/} and
     * {@code tokenizer/} in it).
     *
     * @throws CheckpointException if the folder is neither
     */
    public static Emu2Folder find(Path folder) {
        return find(folder, Optional.empty());
    }

    /** Whether a folder looks like one of them. */
    public static boolean isOne(Path folder) {
        return Files.isDirectory(folder.resolve(ENCODER)) || Files.isRegularFile(folder.resolve("config.json"));
    }

    /** {@link #find(Path)} where one of several weight files is meant. */
    public static Emu2Folder find(Path folder, Optional<String> weightsFile) {
        Path encoder = folder.resolve(ENCODER);
        Path model = Files.isDirectory(encoder) ? encoder : folder;
        Path config = model.resolve("config.json");
        if (!Files.isRegularFile(config)) {
            throw new CheckpointException("%s is no Emu2 folder: there is neither config.json nor %s/config.json in it"
                    .formatted(folder, ENCODER));
        }
        Path tokenizer = folder.resolve("tokenizer");
        return new Emu2Folder(
                config,
                weightsFile.map(model::resolve).orElse(model),
                Files.isDirectory(tokenizer) ? tokenizer : folder);
    }
}
