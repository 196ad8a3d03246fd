package io.kinora.tensor.parity;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.file.TensorInfo;
import io.kinora.tensor.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A parity case on disk: {@code case.json}, {@code tensors.safetensors} where there are tensors, and a checkpoint as it is
 * released.
 *
 * <p>Inputs are literals, tensors ({@code {"tensor": name}}), or lists and objects of both. Not thread-safe.
 */
public final class ParityCase implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TENSOR = "tensor";

    private final Path folder;
    private final JsonNode json;
    private final Optional<SafetensorsFile> tensors;

    private ParityCase(Path folder, JsonNode json, Optional<SafetensorsFile> tensors) {
        this.folder = folder;
        this.json = json;
        this.tensors = tensors;
    }

    /**
     * Opens the case in a folder.
     *
     * @throws ParityException if it cannot be read or does not follow the format
     */
    public static ParityCase open(Path folder) {
        Path description = folder.resolve("case.json");
        Path tensors = folder.resolve("tensors.safetensors");
        try {
            JsonNode json = JSON.readTree(Files.readAllBytes(description));
            if (!json.path("component").isTextual() || !json.path("outputs").isObject()) {
                throw new ParityException("%s needs a component and outputs".formatted(description));
            }
            Optional<SafetensorsFile> file =
                    Files.exists(tensors) ? Optional.of(SafetensorsFile.open(tensors)) : Optional.empty();
            return new ParityCase(folder, json, file);
        } catch (JsonProcessingException e) {
            throw new ParityException("%s is not JSON: %s".formatted(description, e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw new ParityException("%s cannot be read: %s".formatted(folder, e.getMessage()), e);
        }
    }

    /** Where it lies. */
    public Path folder() {
        return folder;
    }

    /** What is to be run. */
    public String component() {
        return json.path("component").textValue();
    }

    /**
     * The checkpoint's folder, with the subfolder that the case names.
     *
     * @throws ParityException if the case has no checkpoint, or it is not there
     */
    public Path checkpoint() {
        Path subfolder = checkpointRoot().resolve(json.path("subfolder").asText(""));
        if (!Files.isDirectory(subfolder)) {
            throw new ParityException("%s: there is no folder %s".formatted(folder, subfolder));
        }
        return subfolder;
    }

    /**
     * The checkpoint's folder without the subfolder.
     *
     * @throws ParityException if the case has no checkpoint
     */
    public Path checkpointRoot() {
        return text("checkpoint")
                .map(name -> folder.resolve(name).normalize())
                .orElseThrow(() -> new ParityException("%s has no checkpoint".formatted(folder)));
    }

    /** Name of the weight file, where the layout does not fix it. */
    public Optional<String> weights() {
        return text("weights");
    }

    /** Folder of a PEFT adapter. */
    public Optional<Path> adapter() {
        return text("adapter").map(name -> folder.resolve(name).normalize());
    }

    /** Sizes that the released files do not carry; a missing node where there are none. */
    public JsonNode config() {
        return json.path("config");
    }

    /** An input as the case writes it; a missing node where there is none. */
    public JsonNode input(String name) {
        return json.path("inputs").path(name);
    }

    /** Whether there is such an input. */
    public boolean hasInput(String name) {
        return !input(name).isMissingNode() && !input(name).isNull();
    }

    /**
     * An input that must be there.
     *
     * @throws ParityException if it is not
     */
    public JsonNode required(String name) {
        if (!hasInput(name)) {
            throw new ParityException("%s has no input %s".formatted(folder, name));
        }
        return input(name);
    }

    /**
     * An input tensor, owned by the scope that is open. Halves are widened to {@link DType#F32}; other types stay.
     *
     * @throws ParityException if there is no such tensor
     */
    public Tensor tensor(String input, Engine engine) {
        return tensor(required(input), engine);
    }

    /** Whether a node among the inputs stands for a tensor. */
    public static boolean isTensor(JsonNode node) {
        return node.isObject() && node.size() == 1 && node.path(TENSOR).isTextual();
    }

    /** The tensor that a node among the inputs stands for. Errors and types as {@link #tensor(String, Engine)}. */
    public Tensor tensor(JsonNode node, Engine engine) {
        if (!isTensor(node)) {
            throw new ParityException("%s: expected a tensor, got %s".formatted(folder, node));
        }
        return stored(node.path(TENSOR).textValue(), engine);
    }

    Tensor stored(String name, Engine engine) {
        SafetensorsFile file =
                tensors.orElseThrow(() -> new ParityException("%s has no tensors.safetensors".formatted(folder)));
        TensorInfo info = file.tensors().get(name);
        if (info == null) {
            throw new ParityException("%s: tensors.safetensors has no %s".formatted(folder, name));
        }
        Tensor stored = engine.copyOf(file.bytes(name), info.dtype(), info.shape());
        return stored.dtype().isFloat() ? stored.to(DType.F32) : stored;
    }

    /** Number of axes of an output tensor of the case, where it has one of that name. */
    public OptionalInt expectedRank(String output) {
        TensorInfo info = tensors.map(file -> file.tensors()
                        .get(json.path("outputs").path(output).path(TENSOR).asText()))
                .orElse(null);
        return info == null ? OptionalInt.empty() : OptionalInt.of(info.shape().rank());
    }

    /** What the official implementation gave, in the order of the case. */
    public List<ExpectedOutput> outputs() {
        List<ExpectedOutput> outputs = new ArrayList<>();
        json.path("outputs").properties().forEach(entry -> outputs.add(expected(entry.getKey(), entry.getValue())));
        return outputs;
    }

    private ExpectedOutput expected(String name, JsonNode node) {
        if (node.has("value")) {
            return new ExpectedOutput.OfValue(name, node.path("value"));
        }
        if (!node.path(TENSOR).isTextual()) {
            throw new ParityException("%s: the output %s has neither a tensor nor a value".formatted(folder, name));
        }
        return new ExpectedOutput.OfTensor(
                name,
                node.path(TENSOR).textValue(),
                node.path("atol").asDouble(),
                node.path("rtol").asDouble());
    }

    private Optional<String> text(String field) {
        return Optional.ofNullable(json.path(field).textValue());
    }

    @Override
    public void close() {
        tensors.ifPresent(SafetensorsFile::close);
    }
}
