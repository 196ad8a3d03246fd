package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.model.checkpoint.CheckpointOptions;
import io.kinora.model.checkpoint.CheckpointWriter;
import io.kinora.model.checkpoint.DeltaMerge;
import io.kinora.model.checkpoint.SaveOptions;
import io.kinora.service.cli.KinoraCommand;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kinora checkpoint apply-delta}. */
class ApplyDeltaTest {
    private static Engine engine;

    @TempDir
    Path folder;

    @BeforeAll
    static void openEngine() {
        engine = Engines.open(Engines.AUTO, Device.CPU);
    }

    @AfterAll
    static void closeEngine() {
        engine.close();
    }

    @Test
    void rowsThatOnlyTheDeltaHasAreTheDeltas() throws IOException {
        Path base = write("base", 2, DType.F16);
        Path delta = write("delta", 3, DType.F16);
        Files.writeString(delta.resolve("config.json"), "{\"vocab_size\": 3}");
        Files.writeString(base.resolve("tokenizer.model"), "pieces");
        Path target = folder.resolve("merged");

        int status = KinoraCommand.run(
                "checkpoint",
                "apply-delta",
                base.toString(),
                delta.toString(),
                "-o",
                target.toString(),
                "--max-file-bytes",
                "12");

        assertThat(status).isZero();
        assertThat(target.resolve("model.safetensors.index.json")).exists();
        assertThat(target.resolve("config.json")).hasContent("{\"vocab_size\": 3}");
        assertThat(target.resolve("tokenizer.model")).hasContent("pieces");
        try (Checkpoint merged = Checkpoint.open(target, engine, CheckpointOptions.DEFAULT)) {
            assertThat(merged.take("model.embed_tokens.weight", 3, 2).toFloats())
                    .containsExactly(0, 2, 4, 6, 4, 5);
            Tensor norm = merged.take("model.norm.weight", 2);
            assertThat(norm.dtype()).isEqualTo(DType.F16);
            assertThat(norm.toFloats()).containsExactly(0, 2);
        }
    }

    @Test
    void aDeltaToAnotherModelIsRefusedWithAllDifferences() throws IOException {
        Path base = write("base", 4, DType.F32);
        Path delta = write("delta", 3, DType.F32);

        assertThatThrownBy(() -> DeltaMerge.merge(base, delta, folder.resolve("merged"), engine, SaveOptions.DEFAULT))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("model.embed_tokens.weight has shape [4, 2] in the base, [3, 2] in the delta");
        assertThat(folder.resolve("merged")).doesNotExist();
    }

    @Test
    void aFolderThatHoldsSomethingIsNotWrittenTo() throws IOException {
        Path base = write("base", 2, DType.F32);

        assertThatThrownBy(() -> DeltaMerge.merge(base, base, base, engine, SaveOptions.DEFAULT))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("is not empty");
    }

    private Path write(String name, int rows, DType type) throws IOException {
        Path to = folder.resolve(name);
        try (Scope scope = engine.scope()) {
            assertThat(scope).isNotNull();
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put(
                    "model.embed_tokens.weight",
                    engine.arange(0, 2L * rows).to(type).reshape(rows, 2));
            tensors.put("model.norm.weight", engine.arange(0, 2).to(type));
            CheckpointWriter.save(to, tensors, SaveOptions.DEFAULT);
        }
        return to;
    }
}
