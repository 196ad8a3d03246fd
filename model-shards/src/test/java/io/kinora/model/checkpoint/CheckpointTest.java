package io.kinora.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.file.TensorInfo;
import io.kinora.tensor.safetensors.SafetensorsWriter;
import io.kinora.tensor.safetensors.SafetensorsWriter.Entry;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CheckpointTest {
    private static final CheckpointOptions AS_STORED = CheckpointOptions.DEFAULT;

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
    void aReleasedModelIsTakenWholeFromSafetensorsOfAVariant() {
        try (Checkpoint checkpoint = Checkpoint.open(TinyLlama.folder("llama_bf16"), engine, AS_STORED)) {
            checkpoint.load(weights -> {
                TinyLlama.take(weights);
                return "model";
            });
            checkpoint.assertAllTaken();
            assertThat(checkpoint.inventory().tensors()).hasSize(21);
            assertThat(checkpoint.statistics().tensors()).isEqualTo(21);
            assertThat(checkpoint.statistics().mappedBytes()).isEqualTo(10400);
            assertThat(checkpoint.statistics().copiedBytes()).isZero();
            assertThat(checkpoint.statistics().time()).isPositive();
        }
    }

    @Test
    void aReleasedModelIsTakenWholeFromPickles() {
        try (Checkpoint checkpoint = Checkpoint.open(TinyLlama.folder("llama_pickles"), engine, AS_STORED)) {
            checkpoint.load(weights -> {
                TinyLlama.take(weights);
                return "model";
            });
            assertThat(checkpoint.inventory().tensors()).hasSize(23); // with the rotary tables
            assertThat(checkpoint.statistics().mappedBytes()).isEqualTo(20800);
        }
    }

    @Test
    void bothFormatsHoldTheSameNumbers() {
        CheckpointOptions wide = AS_STORED.withComputeType(DType.F32);
        try (Checkpoint safetensors = Checkpoint.open(TinyLlama.folder("llama_bf16"), engine, wide);
                Checkpoint pickles = Checkpoint.open(TinyLlama.folder("llama_pickles"), engine, wide)) {
            safetensors.inventory().tensors().forEach((name, info) -> {
                Tensor first = safetensors.take(name, info.shape().toArray());
                Tensor second = pickles.take(name, info.shape().toArray());
                assertThat(first.dtype()).isEqualTo(DType.F32);
                assertThat(first.toFloats()).as(name).isEqualTo(second.toFloats());
            });
            assertThat(safetensors.statistics().copiedBytes()).isEqualTo(20800);
            assertThat(pickles.statistics().copiedBytes()).isZero();
        }
    }

    @Test
    void anInventoryNeedsNoEngine() {
        Inventory inventory = Checkpoint.inventory(TinyLlama.folder("llama_bf16"), AS_STORED);
        assertThat(inventory.tensors().get("model.layers.1.mlp.down_proj.weight"))
                .extracting(TensorInfo::dtype, TensorInfo::shape, TensorInfo::bytes)
                .containsExactly(DType.BF16, Shape.of(16, 24), 768L);
        assertThat(inventory.bytes()).isEqualTo(10400);
        assertThat(inventory.bytes("model.layers.0.")).isEqualTo(2 * (2 * 16 + 4 * 256 + 3 * 384));
        assertThat(inventory.bytesAs(DType.F32, "")).isEqualTo(20800);
    }

    @Test
    void aTensorOfTheStoredTypeIsAViewOfTheFile() throws IOException {
        Path path = write(floats("w", 1, 2, 3));
        try (Checkpoint checkpoint = Checkpoint.open(path, engine, AS_STORED)) {
            Tensor w = checkpoint.take("w", 3);
            assertThat(w.toFloats()).containsExactly(1, 2, 3);
            try (RandomAccessFile raw = new RandomAccessFile(path.toFile(), "rw")) {
                raw.seek(raw.length() - Float.BYTES);
                raw.writeInt(Integer.reverseBytes(Float.floatToIntBits(7)));
            }
            assertThat(w.toFloats()).containsExactly(1, 2, 7);
        }
    }

    @Test
    void integersKeepTheirTypeWhateverIsComputedIn() throws IOException {
        Entry ids = new Entry("position_ids", DType.I64, Shape.of(1), () -> little(8)
                .putLong(5)
                .flip());
        Path path = write(ids, floats("w", 1));
        try (Checkpoint checkpoint = Checkpoint.open(path, engine, AS_STORED.withComputeType(DType.BF16))) {
            assertThat(checkpoint.take("position_ids", 1).dtype()).isEqualTo(DType.I64);
            assertThat(checkpoint.take("w", 1).dtype()).isEqualTo(DType.BF16);
        }
    }

    @Test
    void everyDifferenceStandsInOneMessage() throws IOException {
        Path path = write(floats("a", 1), floats("b.weight", 1, 2), floats("c", 1), floats("d", 1));
        try (Checkpoint checkpoint = Checkpoint.open(path, engine, AS_STORED)) {
            assertThatThrownBy(() -> checkpoint.load(weights -> {
                        weights.take("a", 1);
                        weights.at("b").take("weight", 3, 4);
                        weights.at("b").take("bias", 3);
                        weights.take("scale");
                        return "model";
                    }))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage(path
                            + " does not fit the model: missing 2: b.bias [3], scale []; misshapen 1: b.weight has shape [2],"
                            + " expected [3, 4]; not taken 2: c, d");
        }
    }

    @Test
    void differencesAreToldEvenIfTheConstructorStumblesOverThem() throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(write(floats("a", 1)), engine, AS_STORED)) {
            IllegalStateException consequence = new IllegalStateException("no such table");
            assertThatThrownBy(() -> checkpoint.load(weights -> {
                        weights.take("table", 2, 2);
                        throw consequence;
                    }))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("missing 1: table [2, 2]")
                    .hasCause(consequence);
        }
    }

    @Test
    void outsideOfLoadADifferenceIsThrownAtOnce() throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(write(floats("x.a", 1)), engine, AS_STORED)) {
            assertThatThrownBy(() -> checkpoint.at("x").take("a", 2))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("x.a has shape [1], expected [2]");
            assertThatThrownBy(() -> checkpoint.at("x").take("b", 2))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("missing 1: x.b [2]");
        }
    }

    @Test
    void aTensorIsTakenOnce() throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(write(floats("a", 1)), engine, AS_STORED)) {
            checkpoint.take("a", 1);
            assertThatThrownBy(() -> checkpoint.take("a", 1))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("a of ")
                    .hasMessageContaining("is taken twice");
        }
    }

    @Test
    void whatIsIgnoredNeedNotBeTaken() throws IOException {
        Path path = write(floats("a.inv_freq", 1), floats("a.inv_freq_cached", 1), floats("b", 1));
        try (Checkpoint checkpoint = Checkpoint.open(path, engine, AS_STORED)) {
            checkpoint.at("a").ignore("inv_freq");
            assertThatThrownBy(checkpoint::assertAllTaken).hasMessageEndingWith("not taken 1: b");
            checkpoint.take("b", 1);
            checkpoint.assertAllTaken();
        }
    }

    @Test
    void theFirstTwentyOfManyUntakenAreNamed() throws IOException {
        Entry[] many = IntStream.range(0, 45)
                .mapToObj(i -> floats("t%02d".formatted(i), 1))
                .toArray(Entry[]::new);
        try (Checkpoint checkpoint = Checkpoint.open(write(many), engine, AS_STORED)) {
            assertThatThrownBy(checkpoint::assertAllTaken)
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("not taken 45: t00, t01")
                    .hasMessageEndingWith("t18, t19 and 25 more");
        }
    }

    @Test
    void namesAreTheModelsOwn() throws IOException {
        Path path = write(
                floats("vae.mid.attentions.0.query.weight", 1),
                floats("vae.mid.attentions.0.proj_attn.weight", 2),
                floats("unet.conv_in.weight", 3));
        Naming vae = Naming.under("vae.").then(Naming.replacing(Map.of("query", "to_q", "proj_attn", "to_out.0")));
        try (Checkpoint checkpoint = Checkpoint.open(path, engine, AS_STORED.withNaming(vae))) {
            assertThat(checkpoint.has("unet.conv_in.weight")).isFalse();
            Weights attention = checkpoint.at("mid.attentions.0");
            assertThat(attention.has("to_q.weight")).isTrue();
            assertThat(attention.has("query.weight")).isFalse();
            assertThat(attention.at("to_out.0").take("weight", 1).toFloats()).containsExactly(2);
            assertThatThrownBy(checkpoint::assertAllTaken)
                    .hasMessageContaining("mid.attentions.0.to_q.weight (stored as vae.mid.attentions.0.query.weight)");
        }
    }

    @Test
    void twoTensorsMustNotGetOneName() throws IOException {
        Path path = write(floats("module.a", 1), floats("a", 1));
        assertThatThrownBy(() -> Checkpoint.inventory(path, AS_STORED.withNaming(Naming.without("module."))))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("would both be called a");
    }

    @Test
    void tensorsOutliveTheScopeTheyAreTakenInAndNotTheCheckpoint() throws IOException {
        Tensor kept;
        Tensor converted;
        try (Checkpoint checkpoint = Checkpoint.open(write(floats("a", 4), floats("b", 5)), engine, AS_STORED)) {
            try (Scope scope = engine.scope()) {
                kept = checkpoint.take("a", 1);
            }
            converted = checkpoint.take("b", 1);
            assertThat(kept.toFloats()).containsExactly(4);
        }
        assertThatThrownBy(kept::toFloats).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(converted::toFloats).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aTensorThatIsNotWhereTheIndexHasItIsNamed() throws IOException {
        SafetensorsWriter.write(folder.resolve("one.safetensors"), List.of(floats("a", 1)), Map.of());
        Files.writeString(
                folder.resolve("model.safetensors.index.json"),
                "{\"weight_map\": {\"a\": \"one.safetensors\", \"b\": \"one.safetensors\"}}");
        assertThatThrownBy(() -> Checkpoint.inventory(folder, AS_STORED))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("1 tensors are not where the index has them: b in one.safetensors");
    }

    @Test
    void theIndexDecidesBetweenTwoTensorsOfOneName() throws IOException {
        SafetensorsWriter.write(folder.resolve("one.safetensors"), List.of(floats("a", 1), floats("b", 2)), Map.of());
        SafetensorsWriter.write(folder.resolve("two.safetensors"), List.of(floats("a", 3)), Map.of());
        Files.writeString(
                folder.resolve("model.safetensors.index.json"),
                "{\"weight_map\": {\"a\": \"two.safetensors\", \"b\": \"one.safetensors\"}}");
        try (Checkpoint checkpoint = Checkpoint.open(folder, engine, AS_STORED)) {
            assertThat(checkpoint.take("a", 1).toFloats()).containsExactly(3);
            assertThat(checkpoint.take("b", 1).toFloats()).containsExactly(2);
        }
    }

    @Test
    void aDamagedFileIsNamed() throws IOException {
        Path path = Files.write(folder.resolve("model.safetensors"), new byte[] {1, 2, 3});
        assertThatThrownBy(() -> Checkpoint.open(folder, engine, AS_STORED))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(path.toString())
                .hasMessageContaining("3 bytes");
    }

    @Test
    void safetensorsUnderAnotherEndingAreReadAsWhatTheyAre() throws IOException {
        Path blob = Files.move(write(floats("a", 1)), folder.resolve("0123456789abcdef"));
        assertThat(Checkpoint.inventory(blob, AS_STORED).tensors()).containsOnlyKeys("a");
    }

    @Test
    void noEngineComputesInEightBits() {
        assertThatThrownBy(() -> AS_STORED.withComputeType(DType.F8_E4M3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> AS_STORED.withComputeType(DType.I32)).isInstanceOf(IllegalArgumentException.class);
    }

    private Path write(Entry... entries) throws IOException {
        Path path = folder.resolve("model.safetensors");
        SafetensorsWriter.write(path, Stream.of(entries).toList(), Map.of());
        return path;
    }

    private static Entry floats(String name, float... values) {
        return new Entry(name, DType.F32, Shape.of(values.length), () -> {
            ByteBuffer bytes = little(values.length * Float.BYTES);
            for (float value : values) {
                bytes.putFloat(value);
            }
            return bytes.flip();
        });
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
