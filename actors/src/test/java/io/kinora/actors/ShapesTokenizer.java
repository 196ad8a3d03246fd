package io.kinora.actors;

import io.kinora.model.text.Tokenizer;
import io.kinora.model.text.Tokenizers;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** Kinora's own small vocabulary, unpacked from the class path. */
public final class ShapesTokenizer {
    private static final List<String> FILES =
            List.of("tokenizer.model", "tokenizer_config.json", "added_tokens.json", "special_tokens_map.json");

    private ShapesTokenizer() {}

    /** Unpacks the files into a folder and opens it. */
    public static Tokenizer in(Path folder) {
        for (String file : FILES) {
            try (InputStream resource =
                    Tokenizers.class.getResourceAsStream("/io/kinora/model/text/kinora-shapes/" + file)) {
                Files.write(
                        folder.resolve(file),
                        Objects.requireNonNull(resource, file).readAllBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return Tokenizers.open(folder);
    }
}
