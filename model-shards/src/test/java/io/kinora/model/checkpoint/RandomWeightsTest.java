package io.kinora.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RandomWeightsTest {
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

    @Test
    void aShardGetsWhatTheWholeModelGets() {
        try (RandomWeights whole = weights(5, Initialisation.TRAINED);
                RandomWeights shard = weights(5, Initialisation.TRAINED);
                RandomWeights other = weights(6, Initialisation.TRAINED)) {
            TinyLlama.take(whole);
            float[] values =
                    whole.taken().get("model.layers.1.mlp.up_proj.weight").toFloats();
            assertThat(shard.at("model.layers.1.mlp")
                            .take("up_proj.weight", 24, 16)
                            .toFloats())
                    .isEqualTo(values);
            assertThat(other.at("model.layers.1.mlp")
                            .take("up_proj.weight", 24, 16)
                            .toFloats())
                    .isNotEqualTo(values);
            assertThat(whole.taken().get("model.layers.1.mlp.gate_proj.weight").toFloats())
                    .isNotEqualTo(values);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // name | shape | deviation in training | deviation when trained | mean
                "layers.0.mlp.up_proj.weight | 300 100 | 0.1 | 0.1 | 0",
                "conv_in.weight | 100 25 4 4 | 0.05 | 0.05 | 0",
                "embed_tokens.weight | 300 100 | 0.02 | 0.02 | 0",
                "cls_token | 1 1 30000 | 0.02 | 0.02 | 0",
                "norm1.weight | 30000 | 0 | 0.2 | 1",
                "norm1.bias | 30000 | 0 | 0.1 | 0",
                "attn.q_bias | 30000 | 0 | 0.1 | 0",
                "temp_convs.0.conv4.3.weight | 100 100 3 1 1 | 0 | 0.0577 | 0",
                "q_proj.lora_B.default.weight | 300 100 | 0 | 0.1 | 0",
                "q_proj.lora_A.default.weight | 300 100 | 0.1 | 0.1 | 0"
            })
    void valuesSpreadAsTheirKindAsks(String name, String shape, double training, double trained, double mean) {
        long[] sizes =
                Stream.of(shape.split(" ", -1)).mapToLong(Long::parseLong).toArray();
        try (RandomWeights fresh = weights(1, Initialisation.TRAINING);
                RandomWeights old = weights(1, Initialisation.TRAINED)) {
            assertSpread(fresh.take(name, sizes), mean, training);
            assertSpread(old.take(name, sizes), mean, trained);
        }
    }

    @Test
    void theTypeIsTheOneAskedFor() {
        try (RandomWeights weights = new RandomWeights(engine, DType.BF16, 1, Initialisation.TRAINING)) {
            assertThat(weights.take("a.weight", 2, 2).dtype()).isEqualTo(DType.BF16);
        }
        assertThatThrownBy(() -> new RandomWeights(engine, DType.I64, 1, Initialisation.TRAINING))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aTensorIsTakenOnce() {
        try (RandomWeights weights = weights(1, Initialisation.TRAINING)) {
            weights.take("a", 1);
            assertThatThrownBy(() -> weights.take("a", 1))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("a is taken twice");
        }
    }

    @Test
    void whatIsAbsentIsNotThere() {
        try (RandomWeights weights =
                new RandomWeights(engine, DType.F32, 1, Initialisation.TRAINING, name -> name.endsWith("qkv.bias"))) {
            assertThat(weights.at("blocks.0").has("qkv.bias")).isFalse();
            assertThat(weights.at("blocks.0").has("q_bias")).isTrue();
            assertThatThrownBy(() -> weights.take("qkv.bias", 3)).isInstanceOf(CheckpointException.class);
        }
    }

    @ParameterizedTest
    @CsvSource({"1000000, model.safetensors", "6000, model.safetensors.index.json"})
    void whatIsSavedIsReadBack(long maxFileBytes, String marker) throws IOException {
        try (RandomWeights weights = weights(3, Initialisation.TRAINED)) {
            TinyLlama.take(weights);
            weights.save(folder, SaveOptions.DEFAULT.withMaxFileBytes(maxFileBytes));
            assertThat(folder.resolve(marker)).exists();
            try (Checkpoint checkpoint = Checkpoint.open(folder, engine, CheckpointOptions.DEFAULT)) {
                weights.taken().forEach((name, tensor) -> assertThat(
                                checkpoint.take(name, tensor.shape().toArray()).toFloats())
                        .as(name)
                        .isEqualTo(tensor.toFloats()));
                checkpoint.assertAllTaken();
            }
        }
    }

    @Test
    void aVariantIsSavedAsTransformersNamesIt() throws IOException {
        try (RandomWeights weights = weights(3, Initialisation.TRAINED)) {
            TinyLlama.take(weights);
            weights.save(
                    folder,
                    SaveOptions.DEFAULT.withVariant("bf16").withType(DType.BF16).withMaxFileBytes(5000));
            assertThat(files())
                    .containsExactly(
                            "model.bf16-00001-of-00003.safetensors",
                            "model.bf16-00002-of-00003.safetensors",
                            "model.bf16-00003-of-00003.safetensors",
                            "model.safetensors.index.bf16.json");
            assertThat(Checkpoint.inventory(folder, CheckpointOptions.DEFAULT).bytes())
                    .isEqualTo(10400);
        }
    }

    @Test
    void aCheckpointOfTheSameNameIsReplacedWhole() throws IOException {
        try (RandomWeights weights = weights(3, Initialisation.TRAINED)) {
            TinyLlama.take(weights);
            Files.createFile(folder.resolve("config.json"));
            weights.save(folder, SaveOptions.DEFAULT.withMaxFileBytes(3000));
            weights.save(folder, SaveOptions.DEFAULT.withMaxFileBytes(12000));
            assertThat(files())
                    .containsExactly(
                            "config.json",
                            "model-00001-of-00002.safetensors",
                            "model-00002-of-00002.safetensors",
                            "model.safetensors.index.json");
            weights.save(folder, SaveOptions.DEFAULT);
            assertThat(files()).containsExactly("config.json", "model.safetensors");
            weights.save(folder, SaveOptions.DEFAULT.withStem("diffusion_pytorch_model"));
            assertThat(files())
                    .containsExactly("config.json", "diffusion_pytorch_model.safetensors", "model.safetensors");
        }
    }

    private static RandomWeights weights(long seed, Initialisation initialisation) {
        return new RandomWeights(engine, DType.F32, seed, initialisation);
    }

    private static void assertSpread(Tensor tensor, double mean, double deviation) {
        float[] values = tensor.toFloats();
        double sum = 0;
        double squares = 0;
        for (float value : values) {
            sum += value;
            squares += (value - mean) * (value - mean);
        }
        assertThat(sum / values.length).isBetween(mean - deviation / 20 - 1e-9, mean + deviation / 20 + 1e-9);
        assertThat(Math.sqrt(squares / values.length)).isBetween(deviation * 0.95, deviation * 1.05);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
