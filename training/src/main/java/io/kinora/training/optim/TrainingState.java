package io.kinora.training.optim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.model.checkpoint.CheckpointOptions;
import io.kinora.model.checkpoint.CheckpointWriter;
import io.kinora.model.checkpoint.SaveOptions;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.training.model.Parameter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where a training stands, on disk: one folder a save, {@code step-N}, with the parameters, their moving averages, the optimiser's means and
 * how far it had come. A folder appears whole or not at all, and the one before is deleted after that, so a kill at any moment loses no more
 * than the steps since the last save.
 */
public final class TrainingState {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PREFIX = "step-";
    private static final String MAKING = "making";
    private static final String PARAMETERS = "parameters";
    private static final String AVERAGES = "averages";
    private static final String OPTIMIZER = "optimizer";
    private static final String PROGRESS = "progress.json";

    private final Path folder;

    /** In a folder, which need not be there yet. */
    public TrainingState(Path folder) {
        this.folder = folder;
    }

    /** How far a training had come. */
    public record Progress(long steps, double seconds) {}

    /** Writes where a training stands. */
    public void save(Collection<Parameter> parameters, Optimizer optimizer, double seconds) throws IOException {
        Files.createDirectories(folder);
        deleteUnfinished();
        Path making = Files.createTempDirectory(folder, MAKING);
        Map<String, Tensor> masters = new LinkedHashMap<>();
        parameters.forEach(parameter -> masters.put(parameter.name(), parameter.master()));
        Map<String, Tensor> averages = new LinkedHashMap<>(masters);
        averages.putAll(optimizer.averages());
        CheckpointWriter.save(making.resolve(PARAMETERS), masters, SaveOptions.DEFAULT);
        CheckpointWriter.save(making.resolve(AVERAGES), averages, SaveOptions.DEFAULT);
        CheckpointWriter.save(making.resolve(OPTIMIZER), optimizer.state(), SaveOptions.DEFAULT);
        ObjectNode progress =
                JSON.createObjectNode().put("steps", optimizer.steps()).put("seconds", seconds);
        JSON.writeValue(making.resolve(PROGRESS).toFile(), progress);
        Path saved = folder.resolve(PREFIX + optimizer.steps());
        if (Files.exists(saved)) {
            delete(making);
            return;
        }
        Files.move(making, saved, StandardCopyOption.ATOMIC_MOVE);
        for (Path old : saves()) {
            if (!old.equals(saved)) {
                delete(old);
            }
        }
    }

    /** Whether anything was saved. */
    public boolean exists() throws IOException {
        return newest().isPresent();
    }

    /** Brings parameters and optimiser back to where they were; nothing happens if nothing was saved. */
    public Optional<Progress> resume(Engine engine, Collection<Parameter> parameters, Optimizer optimizer)
            throws IOException {
        Optional<Path> newest = newest();
        if (newest.isEmpty()) {
            return Optional.empty();
        }
        load(newest.get().resolve(PARAMETERS), engine, parameters);
        try (Checkpoint saved = Checkpoint.open(newest.get().resolve(OPTIMIZER), engine, CheckpointOptions.DEFAULT)) {
            optimizer
                    .state()
                    .forEach((name, tensor) ->
                            tensor.copyFrom(saved.take(name, tensor.shape().toArray())));
        }
        JsonNode progress = JSON.readTree(newest.get().resolve(PROGRESS).toFile());
        optimizer.resumeAt(progress.path("steps").asLong());
        return Optional.of(new Progress(
                progress.path("steps").asLong(), progress.path("seconds").asDouble()));
    }

    /**
     * Gives parameters the moving averages that another training saved.
     *
     * @throws CheckpointException if nothing was saved there, or other parameters
     */
    public void loadAverages(Engine engine, Collection<Parameter> parameters) throws IOException {
        Path newest = newest().orElseThrow(() ->
                new CheckpointException("%s holds no saved training: train that recipe first".formatted(folder)));
        load(newest.resolve(AVERAGES), engine, parameters);
    }

    private static void load(Path file, Engine engine, Collection<Parameter> parameters) {
        try (Checkpoint saved = Checkpoint.open(file, engine, CheckpointOptions.DEFAULT)) {
            for (Parameter parameter : parameters) {
                parameter.set(
                        saved.take(parameter.name(), parameter.master().shape().toArray()));
            }
        }
    }

    private Optional<Path> newest() throws IOException {
        return saves().stream().max(Comparator.comparingLong(TrainingState::steps));
    }

    private List<Path> saves() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(path -> path.getFileName().toString().matches(PREFIX + "\\d+"))
                    .toList();
        }
    }

    /** What a kill left of a save. */
    private void deleteUnfinished() throws IOException {
        List<Path> unfinished;
        try (Stream<Path> all = Files.list(folder)) {
            unfinished = all.filter(path -> path.getFileName().toString().startsWith(MAKING))
                    .toList();
        }
        for (Path path : unfinished) {
            delete(path);
        }
    }

    private static long steps(Path save) {
        return Long.parseLong(save.getFileName().toString().substring(PREFIX.length()));
    }

    private static void delete(Path folder) throws IOException {
        List<Path> all;
        try (Stream<Path> walk = Files.walk(folder)) {
            all = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.delete(path);
        }
    }
}
