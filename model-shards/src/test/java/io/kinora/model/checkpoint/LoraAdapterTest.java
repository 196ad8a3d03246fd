package io.kinora.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.kinora.model.nn.LinearLayer;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class LoraAdapterTest {
    private static final float[] MATRIX = {1, 2, 3, 4, 5, 6}; // (2, 3)
    private static final float[] DOWN = {1, 0, 2}; // (1, 3)
    private static final float[] UP = {3, -1}; // (2, 1)

    private static Engine engine;

    @TempDir
    private Path folder;

    @BeforeAll
    static void openEngine() {
        engine = Engines.open(Engines.AUTO, Device.CPU);
    }

    @AfterAll
    static void closeEngine() {
        engine.close();
    }

    @BeforeEach
    void writeBase() throws IOException {
        try (Scope scope = engine.scope()) {
            save("base", "model", Map.of("a.weight", engine.of(MATRIX, 2, 3)));
        }
    }

    @ParameterizedTest
    @EnumSource(LoraMode.class)
    void theProductOfThePairIsAddedWithItsScale(LoraMode mode) throws IOException {
        writeAdapter("{\"peft_type\": \"LORA\", \"lora_alpha\": 4}", pair("base_model.model.a"));

        assertThat(apply(mode, Optional.empty(), 1, 1, 1)).containsExactly(1 + 2 + 3 + 4 * 3 * 3, 4 + 5 + 6 - 4 * 3);
    }

    @Test
    void namesOfAWrappedModelsStateAreUnderstood() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        try (Scope scope = engine.scope()) {
            tensors.put("base_model.model.a.lora_A.default.weight", engine.of(DOWN, 1, 3));
            tensors.put("base_model.model.a.lora_B.default.weight", engine.of(UP, 2, 1));
            tensors.put("base_model.model.a.base_layer.weight", engine.of(new float[6], 2, 3));
            save("adapter", "adapter_model", tensors);
        }
        Files.writeString(folder.resolve("adapter/adapter_config.json"), "{\"lora_alpha\": 1}");

        assertThat(apply(LoraMode.MERGED, Optional.empty(), 1, 1, 1)).containsExactly(9, -3);
    }

    @Test
    void besideAMatrixInFewerBitsThePairStaysExact() throws IOException {
        writeAdapter("{\"lora_alpha\": 1000}", pair("base_model.model.a"));

        float[] y = apply(LoraMode.APART, Optional.of(new Quantization.Int8PerChannel()), 1, 0, 0);

        assertThat(y[0]).isCloseTo(1 + 3000, within(0.05f));
        assertThat(y[1]).isCloseTo(4 - 1000, within(0.05f));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"lora_alpha\": 6}                                                              | m.q_proj   | 4 | 1.5",
                "{\"lora_alpha\": 6, \"use_rslora\": true}                                        | m.q_proj   | 4 | 3",
                "{\"lora_alpha\": 6, \"alpha_pattern\": {\"q_proj\": 8}}                          | m.q_proj   | 4 | 2",
                "{\"lora_alpha\": 6, \"alpha_pattern\": {\"q_proj\": 8}}                          | m.xq_proj  | 4 | 1.5",
                "{\"lora_alpha\": 6, \"alpha_pattern\": {\"l.1.v\": 8, \"v\": 2}}                 | m.l.1.v    | 2 | 4",
                "{\"lora_alpha\": 6, \"alpha_pattern\": {\"l.1.v\": 8, \"v\": 2}}                 | m.l.2.v    | 2 | 1",
            })
    void theScaleIsThatOfTheConfiguration(String config, String module, int rank, double scale) throws IOException {
        Path file = Files.writeString(folder.resolve("adapter_config.json"), config);

        assertThat(LoraSettings.read(file).scale(module, rank)).isEqualTo(scale);
    }

    @ParameterizedTest
    @CsvSource({"use_dora, true", "peft_type, \"IA3\"", "fan_in_fan_out, true", "lora_bias, true"})
    void anotherKindOfAdapterIsRefusedByName(String name, String value) throws IOException {
        Path file = Files.writeString(folder.resolve("adapter_config.json"), "{\"%s\": %s}".formatted(name, value));

        assertThatThrownBy(() -> LoraSettings.read(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(name);
    }

    @ParameterizedTest
    @EnumSource(LoraMode.class)
    void aPairForAModuleThatTheModelLacksIsNamed(LoraMode mode) throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>(pair("base_model.model.a"));
        tensors.putAll(pair("base_model.model.b"));
        writeAdapter("{}", tensors);

        assertThatThrownBy(() -> apply(mode, Optional.empty(), 1, 1, 1))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("b.lora_A.weight")
                .hasMessageContaining("b.lora_B.weight");
    }

    @ParameterizedTest
    @EnumSource(LoraMode.class)
    void aHalfOfAPairIsMissedByName(LoraMode mode) throws IOException {
        Map<String, Tensor> half = new LinkedHashMap<>(pair("base_model.model.a"));
        half.remove("base_model.model.a.lora_B.weight");
        writeAdapter("{}", half);

        assertThatThrownBy(() -> apply(mode, Optional.empty(), 1, 1, 1))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("missing 1: a.lora_B.weight");
    }

    @Test
    void aFolderWithoutTensorsIsRefused() throws IOException {
        Files.writeString(folder.resolve("adapter_config.json"), "{}");

        assertThatThrownBy(() -> LoraAdapter.open(folder, engine, Optional.empty(), LoraMode.APART))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("adapter_model.safetensors");
    }

    /** What a layer over the base and the adapter makes of a row. */
    private float[] apply(LoraMode mode, Optional<Quantization> quantization, float... row) {
        try (Checkpoint base = Checkpoint.open(folder.resolve("base"), engine, CheckpointOptions.DEFAULT);
                LoraAdapter adapter =
                        LoraAdapter.open(folder.resolve("adapter"), engine, Optional.of(DType.F32), mode);
                LinearLayer layer =
                        adapter.load(base, weights -> LinearLayer.withoutBias(weights.at("a"), 3, 2, quantization));
                Scope scope = engine.scope()) {
            return layer.forward(engine.of(row, 1, 3)).toFloats();
        }
    }

    private static Map<String, Tensor> pair(String module) {
        Map<String, Tensor> pair = new LinkedHashMap<>();
        pair.put(module + ".lora_A.weight", engine.of(DOWN, 1, 3));
        pair.put(module + ".lora_B.weight", engine.of(UP, 2, 1));
        return pair;
    }

    private void writeAdapter(String config, Map<String, Tensor> tensors) throws IOException {
        save("adapter", "adapter_model", tensors);
        tensors.values().forEach(Tensor::close);
        Files.writeString(folder.resolve("adapter/adapter_config.json"), config);
    }

    private void save(String name, String stem, Map<String, Tensor> tensors) throws IOException {
        CheckpointWriter.save(folder.resolve(name), tensors, SaveOptions.DEFAULT.withStem(stem));
    }
}
