package io.kinora.model.modaverse;

import io.kinora.model.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Where the parts of a ModaVerse lie, as the authors' code expects them beside each other.
 *
 * @param languageModel folder of the Vicuna in Hugging Face's layout, with its tokenizer: {@code 7b_v0}
 * @param trained file of what ModaVerse trained: {@code ModaVerse-7b/pytorch_model.pt}
 * @param imageBind file of the encoder: {@code imagebind_huge.pth}
 */
public record ModaVerseFolder(Path languageModel, Path trained, Path imageBind) {
    private static final List<String> TRAINED =
            List.of("pytorch_model.pt", "pytorch_model.bin", "pytorch_model.safetensors", "model.safetensors");
    private static final List<String> IMAGE_BIND = List.of("imagebind_huge.safetensors", "imagebind_huge.pth");
    private static final String CHECKPOINTS = ".checkpoints";
    private static final String CONFIG = "config.json";

    /**
     * Finds the parts in a folder, or in {@code .checkpoints} inside it. The two folders may have other names than the released ones.
     *
     * @throws CheckpointException if a part is missing; the message says which, and where it was looked for
     */
    public static ModaVerseFolder find(Path path) {
        Path folder = inner(path);
        Path trained = trainedIn(folder)
                .orElseThrow(() -> new CheckpointException(
                        "%s is no ModaVerse folder: no folder in it holds pytorch_model.pt".formatted(path)));
        Path imageBind = first(folder, IMAGE_BIND)
                .or(() -> first(folder.resolve(CHECKPOINTS), IMAGE_BIND))
                .orElseThrow(() -> new CheckpointException(
                        "%s is no ModaVerse folder: there is no imagebind_huge.pth in it".formatted(path)));
        return new ModaVerseFolder(languageModelIn(path), trained, imageBind);
    }

    /** True if a folder holds what only a ModaVerse folder holds. */
    public static boolean isOne(Path path) {
        Path folder = inner(path);
        return first(folder, IMAGE_BIND).isPresent() && trainedIn(folder).isPresent();
    }

    /**
     * The folder of the language model: the folder itself, or the one in it that has a {@code config.json} and a tokenizer.
     *
     * @throws CheckpointException if there is none
     */
    public static Path languageModelIn(Path path) {
        Path folder = inner(path);
        if (hasTokenizer(folder)) {
            return folder;
        }
        return subfolder(folder, sub -> Files.isRegularFile(sub.resolve(CONFIG)) && hasTokenizer(sub))
                .or(() -> subfolder(folder, ModaVerseFolder::hasTokenizer))
                .orElseThrow(() -> new CheckpointException(
                        "%s is no ModaVerse folder: no folder in it holds a language model with config.json and a tokenizer"
                                .formatted(path)));
    }

    private static Path inner(Path path) {
        Path checkpoints = path.resolve(CHECKPOINTS);
        return Files.isDirectory(checkpoints) ? checkpoints : path;
    }

    private static Optional<Path> trainedIn(Path folder) {
        return subfolder(
                        folder,
                        sub -> first(sub, TRAINED).isPresent()
                                && !Files.exists(sub.resolve(CONFIG))
                                && !Files.exists(sub.resolve("model_index.json")))
                .flatMap(sub -> first(sub, TRAINED));
    }

    private static boolean hasTokenizer(Path folder) {
        return Files.isRegularFile(folder.resolve("tokenizer.model"))
                || Files.isRegularFile(folder.resolve("tokenizer.json"));
    }

    private static Optional<Path> first(Path folder, List<String> names) {
        return names.stream().map(folder::resolve).filter(Files::isRegularFile).findFirst();
    }

    private static Optional<Path> subfolder(Path folder, Predicate<Path> wanted) {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(Files::isDirectory).filter(wanted).sorted().findFirst();
        } catch (IOException e) {
            throw new CheckpointException("cannot read the folder %s: %s".formatted(folder, e.getMessage()), e);
        }
    }
}
