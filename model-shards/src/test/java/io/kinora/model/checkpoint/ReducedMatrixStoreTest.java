package io.kinora.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Shape;
import io.kinora.tensor.TorchRandom;
import io.kinora.tensor.safetensors.SafetensorsWriter;
import io.kinora.tensor.safetensors.SafetensorsWriter.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ReducedMatrixStoreTest {
    private static final int ROWS = 70;
    private static final int COLUMNS = 256;
    private static final Quantization INT8 = new Quantization.Int8PerChannel();
    private static final Quantization INT4 = new Quantization.Int4Groups(64);

    private static Engine engine;

    @TempDir
    private Path folder;

    private Path tensors = Path.of("");

    @BeforeAll
    static void openEngine() {
        engine = Engines.open(Engines.AUTO, Device.CPU);
    }

    @AfterAll
    static void closeEngine() {
        engine.close();
    }

    @BeforeEach
    void writeCheckpoint() throws IOException {
        tensors = folder.resolve("model.safetensors");
        write(1);
    }

    private static Stream<Quantization> schemes() {
        return Stream.of(INT8, INT4);
    }

    @ParameterizedTest
    @MethodSource("schemes")
    void theSecondLoadFindsWhatTheFirstMade(Quantization scheme) throws IOException {
        Loaded first = load(scheme, kept());
        Loaded second = load(scheme, kept());
        assertThat(first.statistics().reduced()).isEqualTo(1);
        assertThat(first.statistics().restored()).isZero();
        assertThat(second.statistics().reduced()).isZero();
        assertThat(second.statistics().restored()).isEqualTo(1);
        assertThat(second.product()).containsExactly(first.product());
        assertThat(second.weight()).containsExactly(first.weight());
        assertThat(second.dtype()).isEqualTo(DType.F32);
    }

    @Test
    void nothingIsWrittenUnlessItIsAskedFor() throws IOException {
        load(INT8, CheckpointOptions.DEFAULT);
        assertThat(files()).containsExactly(tensors);
    }

    @Test
    void eachSchemeAndEachTypeHasItsOwn() throws IOException {
        load(INT8, kept());
        assertThat(load(INT4, kept()).statistics().reduced()).isEqualTo(1);
        assertThat(load(INT8, kept().withComputeType(DType.BF16)).statistics().reduced())
                .isEqualTo(1);
        assertThat(load(INT4, kept()).statistics().restored()).isEqualTo(1);
    }

    @Test
    void aCheckpointWithOtherValuesIsReducedAnew() throws IOException {
        Loaded old = load(INT8, kept());
        FileTime before = Files.getLastModifiedTime(tensors);
        write(2);
        Files.setLastModifiedTime(tensors, FileTime.from(before.toInstant().plusMillis(1)));
        Loaded anew = load(INT8, kept());
        assertThat(anew.statistics().reduced()).isEqualTo(1);
        assertThat(anew.product())
                .isNotEqualTo(old.product())
                .containsExactly(load(INT8, kept()).product());
        assertThat(load(INT8, kept()).statistics().restored()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"middle", "last", "header", "cut", "empty"})
    void aDamagedFileIsMadeAnew(String where) throws IOException {
        Loaded sound = load(INT8, kept());
        Path file = reducedFile();
        byte[] bytes = Files.readAllBytes(file);
        switch (where) {
            case "middle" -> bytes[bytes.length / 2] ^= 1;
            case "last" -> bytes[bytes.length - 1] ^= 64;
            case "header" -> bytes[20] ^= 1;
            case "cut" -> bytes = Arrays.copyOf(bytes, bytes.length - 100);
            default -> bytes = new byte[0];
        }
        Files.write(file, bytes);
        Loaded anew = load(INT8, kept());
        assertThat(anew.statistics().reduced()).isEqualTo(1);
        assertThat(anew.product()).containsExactly(sound.product());
        assertThat(load(INT8, kept()).statistics().restored()).isEqualTo(1);
    }

    @Test
    void aFileInThePlaceOfAnotherMatrixIsMadeAnew() throws IOException {
        load(INT8, kept());
        Path mine = reducedFile();
        Path other = mine.resolveSibling("other.weight.safetensors");
        Files.copy(mine, other);
        try (Checkpoint checkpoint = Checkpoint.open(tensors, engine, kept())) {
            checkpoint.reduced("other.weight", INT8, ROWS, COLUMNS).weight().close();
            assertThat(checkpoint.statistics().reduced()).isEqualTo(1);
        }
    }

    @Test
    void aMatrixIsTakenOnceAlsoIfItIsRestored() throws IOException {
        load(INT8, kept());
        try (Checkpoint checkpoint = Checkpoint.open(tensors, engine, kept())) {
            checkpoint.reduced("layer.weight", INT8, ROWS, COLUMNS).weight().close();
            assertThatThrownBy(() -> checkpoint.reduced("layer.weight", INT8, ROWS, COLUMNS))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("layer.weight")
                    .hasMessageContaining("taken twice");
        }
    }

    @Test
    void aFolderThatCannotBeWrittenToIsNamed() throws IOException {
        Path place = Files.writeString(folder.resolve(".kinora"), "a file where the folder should be");
        assertThatThrownBy(() -> load(INT8, kept()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("cannot keep")
                .hasMessageContaining(place.toString());
    }

    private record Loaded(LoadStatistics statistics, DType dtype, List<Float> products, List<Float> weights) {
        Float[] product() {
            return products.toArray(Float[]::new);
        }

        Float[] weight() {
            return weights.toArray(Float[]::new);
        }
    }

    private Loaded load(Quantization scheme, CheckpointOptions options) {
        try (Checkpoint checkpoint = Checkpoint.open(tensors, engine, options);
                Scope scope = engine.scope()) {
            ReducedMatrix matrix = checkpoint.at("layer").reduced("weight", scheme, ROWS, COLUMNS);
            try (var weight = matrix.weight()) {
                var x = new TorchRandom(5).normal(engine, 2, COLUMNS);
                return new Loaded(
                        checkpoint.statistics(),
                        matrix.dtype(),
                        boxed(engine.linear(x, weight, Optional.empty()).toFloats()),
                        boxed(weight.dequantize().toFloats()));
            }
        }
    }

    private static List<Float> boxed(float[] values) {
        List<Float> boxed = new ArrayList<>();
        for (float value : values) {
            boxed.add(value);
        }
        return boxed;
    }

    private static CheckpointOptions kept() {
        return CheckpointOptions.DEFAULT.withReducedKept();
    }

    private void write(int seed) throws IOException {
        TorchRandom random = new TorchRandom(seed);
        SafetensorsWriter.write(
                tensors, List.of(entry("layer.weight", random), entry("other.weight", random)), Map.of());
    }

    private static Entry entry(String name, TorchRandom random) {
        ByteBuffer bytes = ByteBuffer.allocate(ROWS * COLUMNS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(random.normal(ROWS * COLUMNS));
        return new Entry(name, DType.F32, Shape.of(ROWS, COLUMNS), () -> bytes);
    }

    private Path reducedFile() throws IOException {
        return files().stream()
                .filter(file -> file.endsWith("layer.weight.safetensors"))
                .findFirst()
                .orElseThrow();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> found = Files.walk(folder)) {
            return found.filter(Files::isRegularFile).toList();
        }
    }
}
