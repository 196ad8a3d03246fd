package io.kinora.decoder.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.model.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A checkpoint folder's {@code model_index.json}: which components it has and of which class each is. The library that a component names
 * beside its class is not looked at: releases disagree about it.
 */
final class ModelIndex {
    private static final String FILE = "model_index.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final Map<String, String> classNames;
    private final JsonNode root;

    private ModelIndex(Path folder, Map<String, String> classNames, JsonNode root) {
        this.folder = folder;
        this.classNames = classNames;
        this.root = root;
    }

    /**
     * Reads the index of a folder.
     *
     * @throws CheckpointException if there is none, or it is no JSON object
     */
    static ModelIndex read(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            JsonNode root = JSON.readTree(Files.readAllBytes(file));
            if (!root.isObject()) {
                throw new CheckpointException("%s is no JSON object".formatted(file));
            }
            Map<String, String> classNames = new TreeMap<>();
            root.properties().forEach(entry -> {
                JsonNode value = entry.getValue();
                if (value.isArray() && value.size() == 2 && value.get(1).isTextual()) {
                    classNames.put(entry.getKey(), value.get(1).textValue());
                }
            });
            return new ModelIndex(folder, classNames, root);
        } catch (JsonProcessingException e) {
            throw new CheckpointException("%s is not JSON: %s".formatted(file, e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw new CheckpointException("cannot read %s: a checkpoint folder has one".formatted(file), e);
        }
    }

    /** The class of a component; empty if the checkpoint has none of that name. */
    Optional<String> className(String component) {
        return Optional.ofNullable(classNames.get(component));
    }

    boolean has(String component) {
        return classNames.containsKey(component);
    }

    /** The folder of a component that must be there. */
    Path folder(String component) {
        if (!has(component)) {
            throw new CheckpointException(
                    "%s names no %s, only %s".formatted(folder.resolve(FILE), component, classNames.keySet()));
        }
        return folder.resolve(component);
    }

    boolean flag(String key, boolean absent) {
        return root.path(key).asBoolean(absent);
    }

    CheckpointException refuse(String component, String allowed) {
        return new CheckpointException("%s: %s is a %s, allowed is %s"
                .formatted(folder.resolve(FILE), component, className(component).orElse("missing component"), allowed));
    }
}
