package io.kinora.tensor.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kinora.tensor.DType;
import io.kinora.tensor.Shape;
import io.kinora.tensor.safetensors.SafetensorsWriter.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SafetensorsWriterTest {
    @TempDir
    private Path folder;

    @Test
    void aFailedWriteLeavesTheOldFileAndNothingElse() throws IOException {
        Path path = folder.resolve("model.safetensors");
        SafetensorsWriter.write(path, List.of(entry("a", 1)), Map.of());
        byte[] before = Files.readAllBytes(path);
        Entry failing = new Entry("b", DType.U8, Shape.of(1), () -> {
            throw new IllegalStateException("the device is gone");
        });
        assertThatThrownBy(() -> SafetensorsWriter.write(path, List.of(entry("a", 2), failing), Map.of()))
                .isInstanceOf(IllegalStateException.class);
        assertThat(path).hasBinaryContent(before);
        assertThat(files()).containsExactly("model.safetensors");
    }

    @Test
    void aFileThatIsThereIsReplaced() throws IOException {
        Path path = folder.resolve("model.safetensors");
        SafetensorsWriter.write(path, List.of(entry("a", 1), entry("b", 2)), Map.of());
        SafetensorsWriter.write(path, List.of(entry("c", 3)), Map.of());
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.tensors()).containsOnlyKeys("c");
            assertThat(file.bytes("c").get()).isEqualTo((byte) 3);
        }
        assertThat(files()).containsExactly("model.safetensors");
    }

    @Test
    void oneTensorIsAskedForAtATime() throws IOException {
        List<String> asked = new ArrayList<>();
        ByteBuffer shared = ByteBuffer.allocateDirect(1);
        List<Entry> entries = Stream.of("c", "a", "b")
                .map(name -> new Entry(name, DType.U8, Shape.of(1), () -> {
                    asked.add(name);
                    return shared.put(0, (byte) name.charAt(0));
                }))
                .toList();
        Path path = folder.resolve("model.safetensors");
        SafetensorsWriter.write(path, entries, Map.of());
        assertThat(asked).containsExactly("a", "b", "c");
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.bytes("b").get()).isEqualTo((byte) 'b');
        }
    }

    @Test
    void theNumberOfBytesMustBeThatOfTheShape() {
        Entry wrong = new Entry("w", DType.F32, Shape.of(2), () -> ByteBuffer.allocate(4));
        assertThatThrownBy(() -> SafetensorsWriter.write(folder.resolve("x"), List.of(wrong), Map.of()))
                .isInstanceOf(SafetensorsException.class)
                .hasMessage("w F32 [2] has 8 bytes, and 4 were given");
    }

    @Test
    void twoTensorsOfOneNameAreRefused() {
        assertThatThrownBy(() ->
                        SafetensorsWriter.write(folder.resolve("x"), List.of(entry("a", 1), entry("a", 2)), Map.of()))
                .isInstanceOf(SafetensorsException.class)
                .hasMessage("two tensors are called a");
    }

    @Test
    void aNameThatIsNoTextIsRefused() {
        assertThatThrownBy(() -> SafetensorsWriter.write(folder.resolve("x"), List.of(entry("\ud83c", 1)), Map.of()))
                .isInstanceOf(SafetensorsException.class)
                .hasMessageContaining("surrogate");
    }

    @Test
    void theNameOfTheMetadataIsTaken() {
        assertThatThrownBy(() -> entry("__metadata__", 1)).isInstanceOf(SafetensorsException.class);
    }

    @Test
    void aTensorThatNoBufferHoldsIsRefusedByName() {
        assertThatThrownBy(() -> new Entry("w", DType.F32, Shape.of(1 << 29), () -> ByteBuffer.allocate(0)))
                .isInstanceOf(SafetensorsException.class)
                .hasMessageContaining("w F32 [536870912] has 2147483648 bytes");
    }

    private static Entry entry(String name, int value) {
        return new Entry(name, DType.U8, Shape.of(1), () -> ByteBuffer.wrap(new byte[] {(byte) value}));
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
