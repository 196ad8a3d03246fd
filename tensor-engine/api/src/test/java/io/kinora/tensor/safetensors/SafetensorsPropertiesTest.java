package io.kinora.tensor.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.tensor.DType;
import io.kinora.tensor.Shape;
import io.kinora.tensor.file.TensorInfo;
import io.kinora.tensor.safetensors.SafetensorsWriter.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterProperty;

final class SafetensorsPropertiesTest {
    private final Path path = temporaryFile();

    @AfterProperty
    void delete() throws IOException {
        Files.deleteIfExists(path);
    }

    @Property(tries = 100)
    void whatIsWrittenIsRead(@ForAll("tensors") List<Entry> tensors, @ForAll("notes") Map<String, String> metadata)
            throws IOException {
        SafetensorsWriter.write(path, tensors, metadata);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.metadata()).isEqualTo(metadata);
            assertThat(file.tensors()).hasSize(tensors.size());
            for (Entry tensor : tensors) {
                TensorInfo info = file.tensors().get(tensor.name());
                assertThat(info.dtype()).isEqualTo(tensor.dtype());
                assertThat(info.shape()).isEqualTo(tensor.shape());
                assertThat(info.offset() % info.dtype().bytes()).isZero();
                assertThat(file.bytes(tensor.name())).isEqualTo(tensor.content().bytes());
            }
        }
        assertThat(ByteBuffer.wrap(Files.readAllBytes(path))
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .getLong()
                        % 8)
                .isZero();
    }

    @Property(tries = 50)
    void theOrderOfTheTensorsDoesNotMatter(@ForAll("tensors") List<Entry> tensors, @ForAll Random random)
            throws IOException {
        SafetensorsWriter.write(path, tensors, Map.of());
        byte[] first = Files.readAllBytes(path);
        List<Entry> shuffled = new ArrayList<>(tensors);
        Collections.shuffle(shuffled, random);
        SafetensorsWriter.write(path, shuffled, Map.of());
        assertThat(path).hasBinaryContent(first);
    }

    @Property(tries = 300)
    void aDamagedFileIsReadOrRefused(
            @ForAll("tensors") List<Entry> tensors,
            @ForAll @IntRange(min = 1, max = 8) int flips,
            @ForAll Random random)
            throws IOException {
        SafetensorsWriter.write(path, tensors, Map.of("format", "pt"));
        byte[] bytes = Files.readAllBytes(path);
        for (int i = 0; i < flips; i++) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        Files.write(path, random.nextBoolean() ? bytes : Arrays.copyOf(bytes, random.nextInt(bytes.length)));
        readOrRefuse();
    }

    @Property(tries = 1000)
    void anyHeaderIsReadOrRefused(@ForAll("headers") String header) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        long dataAt = 8L + json.length;
        try {
            SafetensorsHeader parsed = SafetensorsHeader.parse(json, dataAt, dataAt + 16);
            assertThat(parsed.tensors().values().stream()
                            .mapToLong(TensorInfo::bytes)
                            .sum())
                    .isEqualTo(16);
        } catch (SafetensorsException e) {
            assertThat(e).hasMessageContaining(" ");
        }
    }

    /** Whatever the bytes are: tensors inside the file, or the typed exception. */
    private void readOrRefuse() throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            file.tensors().forEach((name, info) -> assertThat(file.bytes(name).remaining())
                    .isEqualTo((int) info.bytes()));
        } catch (SafetensorsException e) {
            assertThat(e).hasMessageStartingWith(path.toString());
        }
    }

    @Provide
    Arbitrary<List<Entry>> tensors() {
        Arbitrary<String> names = Arbitraries.strings().ofMaxLength(20).filter(name -> !name.equals("__metadata__"));
        Arbitrary<long[]> sizes =
                Arbitraries.longs().between(0, 5).array(long[].class).ofMaxSize(4);
        return Combinators.combine(names, Arbitraries.of(DType.class), sizes, Arbitraries.integers())
                .as((name, dtype, size, seed) -> entry(name, dtype, Shape.of(size), seed))
                .list()
                .uniqueElements(Entry::name)
                .ofMaxSize(12);
    }

    @Provide
    Arbitrary<Map<String, String>> notes() {
        return Arbitraries.maps(
                        Arbitraries.strings().ofMaxLength(10),
                        Arbitraries.strings().ofMaxLength(30))
                .ofMaxSize(4);
    }

    /** Pieces of real headers in any order: closer to the parser's edges than random text. */
    @Provide
    Arbitrary<String> headers() {
        return Arbitraries.of(
                        "{",
                        "}",
                        "[",
                        "]",
                        ",",
                        ":",
                        "\"a\"",
                        "\"__metadata__\"",
                        "\"dtype\"",
                        "\"shape\"",
                        "\"data_offsets\"",
                        "\"U8\"",
                        "\"F32\"",
                        "0",
                        "1",
                        "16",
                        "-1",
                        "1e3",
                        "9223372036854775807",
                        "null",
                        "true",
                        " ",
                        "\"",
                        "\"a\":{\"dtype\":\"U8\",\"shape\":[16],\"data_offsets\":[0,16]}")
                .list()
                .ofMinSize(1)
                .ofMaxSize(12)
                .map(pieces -> "{" + String.join("", pieces));
    }

    private static Entry entry(String name, DType dtype, Shape shape, int seed) {
        byte[] bytes = new byte[(int) TensorInfo.bytes(dtype, shape)];
        new Random(seed).nextBytes(bytes);
        return new Entry(name, dtype, shape, () -> ByteBuffer.wrap(bytes));
    }

    private static Path temporaryFile() {
        try {
            return Files.createTempFile("kinora", ".safetensors");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
