package io.kinora.model.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * Kinora's own small tokenizer: 1,024 SentencePiece pieces learned from sentences about coloured moving shapes, and
 * Emu2-Chat's special tokens above them. It comes with the program, and is written into a checkpoint folder where a
 * checkpoint is trained.
 */
public final class ShapesTokenizer {
    private static final List<String> FILES =
            List.of("tokenizer.model", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json");

    private ShapesTokenizer() {}

    /**
     * Writes its files, in the layout of a released Emu2-Chat folder, over files of the same names.
     *
     * @throws IOException if the folder cannot be written
     */
    public static void writeTo(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (String file : FILES) {
            try (InputStream in = ShapesTokenizer.class.getResourceAsStream("kinora-shapes/" + file)) {
                if (in == null) {
                    throw new IllegalStateException("the program lacks its file kinora-shapes/" + file);
                }
                Files.copy(in, folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
