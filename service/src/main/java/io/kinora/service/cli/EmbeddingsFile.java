package io.kinora.service.cli;

import io.kinora.actors.render.RenderRequest;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.file.TensorFileException;
import io.kinora.tensor.file.TensorInfo;
import io.kinora.tensor.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Visual embeddings as a safetensors file. */
final class EmbeddingsFile {
    private static final String EMBEDDINGS = "embeddings";
    private static final String NEGATIVE = "negative";

    private EmbeddingsFile() {}

    /**
     * Reads a file into tensors that belong to the request.
     *
     * @throws BadInputException if it is no such file
     */
    static RenderRequest.Material read(Path path, Engine engine) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            if (!file.tensors().containsKey(EMBEDDINGS)) {
                throw new BadInputException("%s holds %s, expected a tensor named %s"
                        .formatted(path, file.tensors().keySet(), EMBEDDINGS));
            }
            Optional<Tensor> negative = file.tensors().containsKey(NEGATIVE)
                    ? Optional.of(tensor(file, NEGATIVE, engine))
                    : Optional.empty();
            return new RenderRequest.Embedded(tensor(file, EMBEDDINGS, engine), negative);
        } catch (TensorFileException e) {
            throw new BadInputException("%s is no safetensors file: %s".formatted(path, e.getMessage()));
        }
    }

    private static Tensor tensor(SafetensorsFile file, String name, Engine engine) {
        TensorInfo info = file.tensors().get(name);
        return engine.copyOf(file.bytes(name), info.dtype(), info.shape());
    }
}
