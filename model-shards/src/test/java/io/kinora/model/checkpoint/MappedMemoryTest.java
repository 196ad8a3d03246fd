package io.kinora.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.safetensors.SafetensorsWriter;
import io.kinora.tensor.safetensors.SafetensorsWriter.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a loaded checkpoint takes of the machine's memory, as Linux counts it. */
@Tag("slow")
final class MappedMemoryTest {
    private static final int TENSORS = 24;
    private static final int ROWS = 2048;
    private static final int COLUMNS = 2048;

    @TempDir
    private Path folder;

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "reads /proc")
    void aCheckpointThatIsUsedWholeTakesItsFilesSizeAndNoMore() throws IOException {
        Path path = folder.resolve("model.safetensors");
        ByteBuffer zeros = ByteBuffer.allocate(ROWS * COLUMNS * Float.BYTES);
        SafetensorsWriter.write(
                path,
                IntStream.range(0, TENSORS)
                        .mapToObj(i -> new Entry("w" + i, DType.F32, Shape.of(ROWS, COLUMNS), () -> zeros))
                        .toList(),
                Map.of());
        double file = Files.size(path);
        try (Engine engine = Engines.open(Engines.AUTO, Device.CPU)) {
            long before = resident("VmRSS");
            long ownBefore = resident("RssAnon");
            try (Checkpoint checkpoint = Checkpoint.open(path, engine, CheckpointOptions.DEFAULT)) {
                List<Tensor> tensors = new ArrayList<>();
                for (int i = 0; i < TENSORS; i++) {
                    tensors.add(checkpoint.take("w" + i, ROWS, COLUMNS));
                }
                assertThat(resident("VmRSS") - before)
                        .as("before a tensor is used")
                        .isLessThan((long) (0.15 * file));
                for (Tensor tensor : tensors) {
                    try (Scope scope = engine.scope()) {
                        assertThat(tensor.sum(0).sum(0).toFloats()).containsExactly(0);
                    }
                }
                assertThat(resident("VmRSS") - before)
                        .as("resident, used whole")
                        .isBetween((long) (0.95 * file), (long) (1.15 * file));
                assertThat(resident("RssAnon") - ownBefore)
                        .as("memory of the process's own")
                        .isLessThan((long) (0.15 * file));
            }
        }
    }

    /** Bytes, as {@code /proc/self/status} says. */
    private static long resident(String key) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith(key + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }
}
