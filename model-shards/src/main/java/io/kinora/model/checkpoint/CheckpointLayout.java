package io.kinora.model.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which files of a folder make up a checkpoint.
 *
 * <p>Names as transformers, diffusers and the original authors release them: one file ({@code model.safetensors},
 * {@code diffusion_pytorch_model.fp16.safetensors}, {@code pytorch_model.bin}, {@code imagebind_huge.pth}) or an index
 * ({@code model.safetensors.index.bf16.json}) that names the file of each tensor.
 *
 * @param files in the order they are to be opened
 * @param fileOf for a sharded checkpoint, the file of each stored name; else empty
 */
record CheckpointLayout(List<Path> files, Map<String, Path> fileOf) {
    private static final Pattern SINGLE =
            Pattern.compile("(?<stem>.+?)(?:\\.(?<variant>\\w+))?\\.(?<kind>safetensors|bin|pt|pth)");
    private static final Pattern INDEX =
            Pattern.compile("(?<stem>.+?)\\.(?<kind>safetensors|bin)\\.index(?:\\.(?<variant>\\w+))?\\.json");
    /** What an index may name: a plain file beside it. */
    private static final Pattern PLAIN_NAME = Pattern.compile("\\w[\\w .+()@-]*");

    private static final Pattern PIECE = Pattern.compile(".*-\\d{5}-of-\\d{5}\\.\\w+");

    /** Names the libraries look for, most usual first; others count only where none of these is there. */
    private static final List<String> RELEASED_STEMS = List.of("model", "diffusion_pytorch_model", "pytorch_model");

    private static final ObjectMapper JSON = new ObjectMapper();

    CheckpointLayout {
        files = List.copyOf(files);
        fileOf = Map.copyOf(fileOf);
    }

    /** A file that holds a checkpoint, or leads to the files that do. */
    private record Candidate(Path file, String stem, Optional<String> variant, boolean safetensors, boolean index) {
        static Optional<Candidate> of(Path file) {
            String name = file.getFileName().toString();
            Matcher index = INDEX.matcher(name);
            if (index.matches()) {
                return Optional.of(from(file, index, true));
            }
            Matcher single = SINGLE.matcher(name);
            return single.matches() && !PIECE.matcher(name).matches()
                    ? Optional.of(from(file, single, false))
                    : Optional.empty();
        }

        private static Candidate from(Path file, Matcher name, boolean index) {
            return new Candidate(
                    file,
                    name.group("stem"),
                    Optional.ofNullable(name.group("variant")),
                    name.group("kind").equals("safetensors"),
                    index);
        }

        boolean released() {
            return RELEASED_STEMS.contains(stem);
        }

        /** Lower is preferred: safetensors over pickles, one file over many, the usual names first. */
        int rank() {
            int stemRank = released() ? RELEASED_STEMS.indexOf(stem) : RELEASED_STEMS.size();
            return (safetensors ? 0 : 100) + (index ? 10 : 0) + stemRank;
        }
    }

    /**
     * Finds the files of a checkpoint.
     *
     * @param path a folder, a file of tensors, or an index
     * @throws CheckpointException if there is none, or more than one that could be meant; the message lists them
     */
    static CheckpointLayout resolve(Path path, Optional<String> variant) throws IOException {
        if (Files.isRegularFile(path)) {
            return INDEX.matcher(path.getFileName().toString()).matches() ? sharded(path) : single(path);
        }
        if (!Files.isDirectory(path)) {
            throw new CheckpointException(path + " is neither a file nor a folder");
        }
        Candidate chosen = choose(path, candidates(path), variant);
        return chosen.index() ? sharded(chosen.file()) : single(chosen.file());
    }

    private static List<Candidate> candidates(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Candidate> all = files.filter(Files::isRegularFile)
                    .sorted()
                    .flatMap(file -> Candidate.of(file).stream())
                    .toList();
            List<Candidate> released = all.stream().filter(Candidate::released).toList();
            return released.isEmpty() ? all : released;
        }
    }

    private static Candidate choose(Path folder, List<Candidate> candidates, Optional<String> variant) {
        if (candidates.isEmpty()) {
            throw new CheckpointException(
                    "%s holds no checkpoint: no .safetensors, .bin, .pt or .pth file, and no index of such files"
                            .formatted(folder));
        }
        Optional<String> wanted = variant.or(() -> onlyVariant(folder, candidates));
        List<Candidate> best =
                best(candidates.stream().filter(c -> c.variant().equals(wanted)).toList());
        if (best.isEmpty()) {
            throw new CheckpointException("%s holds no variant %s of a checkpoint, but %s"
                    .formatted(folder, wanted.orElse("without a name"), names(candidates)));
        }
        if (best.size() > 1) {
            throw new CheckpointException(
                    "%s holds several checkpoints: give the path of one of %s".formatted(folder, names(best)));
        }
        return best.get(0);
    }

    private static Optional<String> onlyVariant(Path folder, List<Candidate> candidates) {
        Set<String> variants = new TreeSet<>();
        for (Candidate candidate : candidates) {
            if (candidate.variant().isEmpty()) {
                return Optional.empty();
            }
            variants.add(candidate.variant().get());
        }
        if (variants.size() > 1) {
            throw new CheckpointException(
                    "%s holds only variants: choose one of %s".formatted(folder, String.join(", ", variants)));
        }
        return variants.stream().findFirst();
    }

    private static List<Candidate> best(List<Candidate> candidates) {
        int rank = candidates.stream().mapToInt(Candidate::rank).min().orElse(0);
        return candidates.stream().filter(c -> c.rank() == rank).toList();
    }

    private static String names(List<Candidate> candidates) {
        return candidates.stream()
                .map(c -> c.file().getFileName().toString())
                .sorted(Comparator.naturalOrder())
                .collect(Collectors.joining(", "));
    }

    private static CheckpointLayout single(Path file) {
        return new CheckpointLayout(List.of(file), Map.of());
    }

    private static CheckpointLayout sharded(Path index) throws IOException {
        JsonNode weightMap = readIndex(index).path("weight_map");
        if (!weightMap.isObject() || weightMap.isEmpty()) {
            throw new CheckpointException(index + " has no weight_map");
        }
        Map<String, Path> fileOf = new LinkedHashMap<>();
        Set<Path> files = new LinkedHashSet<>();
        List<String> absent = new ArrayList<>();
        weightMap.properties().forEach(entry -> {
            Path file = index.resolveSibling(pieceName(index, entry.getValue()));
            fileOf.put(entry.getKey(), file);
            if (files.add(file) && !Files.isRegularFile(file)) {
                absent.add(file.getFileName().toString());
            }
        });
        if (!absent.isEmpty()) {
            throw new CheckpointException("%s names %d files that are not beside it: %s"
                    .formatted(index, absent.size(), String.join(", ", absent)));
        }
        return new CheckpointLayout(List.copyOf(files), fileOf);
    }

    private static String pieceName(Path index, JsonNode value) {
        String name = value.asText();
        if (!value.isTextual() || !PLAIN_NAME.matcher(name).matches()) {
            throw new CheckpointException(
                    "%s names %s, which is not the name of a file beside it".formatted(index, value));
        }
        return name;
    }

    private static JsonNode readIndex(Path index) throws IOException {
        try {
            return JSON.readTree(index.toFile());
        } catch (JsonProcessingException e) {
            throw new CheckpointException("%s is not JSON: %s".formatted(index, e.getOriginalMessage()), e);
        }
    }
}
