package io.kinora.tensor.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.tensor.DType;
import io.kinora.tensor.Shape;
import io.kinora.tensor.file.TensorInfo;
import io.kinora.tensor.safetensors.SafetensorsWriter.Entry;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class SafetensorsFileTest {
    private static final String EMPTY_HEADER = "{}";

    @TempDir
    private Path folder;

    @Test
    void readsWhatThePythonPackageWrites() throws Exception {
        JsonNode expected = expected();
        try (SafetensorsFile file = SafetensorsFile.open(golden())) {
            assertThat(file.tensors()).hasSize(expected.get("tensors").size());
            expected.get("tensors").properties().forEach(tensor -> {
                TensorInfo info = file.tensors().get(tensor.getKey());
                assertThat(info.dtype().name())
                        .isEqualTo(tensor.getValue().get("dtype").asText());
                assertThat(info.shape()).isEqualTo(shape(tensor.getValue()));
                assertThat(hex(file.bytes(tensor.getKey())))
                        .isEqualTo(tensor.getValue().get("hex").asText());
            });
            assertThat(file.metadata()).isEqualTo(metadata(expected));
        }
    }

    @Test
    void readsEveryTypeThatHasAName() throws Exception {
        try (SafetensorsFile file = SafetensorsFile.open(golden())) {
            assertThat(file.tensors().values()).extracting(TensorInfo::dtype).contains(DType.values());
        }
    }

    @Test
    void writesTheBytesThatThePythonPackageWrites() throws Exception {
        JsonNode expected = expected();
        List<Entry> entries = new ArrayList<>();
        expected.get("tensors")
                .properties()
                .forEach(tensor -> entries.add(new Entry(
                        tensor.getKey(),
                        DType.valueOf(tensor.getValue().get("dtype").asText()),
                        shape(tensor.getValue()),
                        () -> ByteBuffer.wrap(HexFormat.of()
                                .parseHex(tensor.getValue().get("hex").asText())))));
        Path written = folder.resolve("again.safetensors");
        SafetensorsWriter.write(written, entries, metadata(expected));
        assertThat(written).hasSameBinaryContentAs(golden());
    }

    @Test
    void bytesAreAViewOfTheFile() throws Exception {
        Path path = write("{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}", 1, 2, 3);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            ByteBuffer bytes = file.bytes("a");
            assertThat(bytes.isDirect()).isTrue();
            assertThat(bytes.isReadOnly()).isTrue();
            assertThat(file.isMapped("a")).isTrue();
            try (RandomAccessFile raw = new RandomAccessFile(path.toFile(), "rw")) {
                raw.seek(raw.length() - 1);
                raw.write(9);
            }
            assertThat(hex(bytes)).isEqualTo("010209");
        }
    }

    @Test
    void bytesOutliveTheFile() throws Exception {
        SafetensorsFile file = SafetensorsFile.open(golden());
        ByteBuffer bytes = file.bytes("scalar");
        file.close();
        assertThat(bytes.getFloat()).isEqualTo(2.5f);
        assertThatThrownBy(() -> file.bytes("scalar")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anEmptyFileOfTensorsIsOne() throws Exception {
        try (SafetensorsFile file = SafetensorsFile.open(write(EMPTY_HEADER))) {
            assertThat(file.tensors()).isEmpty();
            assertThat(file.metadata()).isEmpty();
        }
    }

    @Test
    void fieldsOfLaterVersionsAreSkipped() throws Exception {
        Path path = write("{\"a\":{\"dtype\":\"U8\",\"new\":[{\"x\":1}],\"shape\":[1],\"data_offsets\":[0,1]}}", 5);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(hex(file.bytes("a"))).isEqualTo("05");
        }
    }

    @Test
    void aTensorLargerThanABufferIsNamedAndTheOneBehindItRead() throws Exception {
        long large = 1L << 31;
        String header = "{\"large\":{\"dtype\":\"F32\",\"shape\":[536870912],\"data_offsets\":[0,2147483648]},"
                + "\"small\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2147483648,2147483652]}}";
        Path path = write(header);
        try (RandomAccessFile raw = new RandomAccessFile(path.toFile(), "rw")) {
            raw.seek(raw.length() + large); // a hole: takes no room on disk
            raw.write(new byte[] {0, 0, (byte) 0x80, 0x3f});
        }
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.bytes("small").getFloat()).isEqualTo(1);
            assertThatThrownBy(() -> file.bytes("large"))
                    .isInstanceOf(SafetensorsException.class)
                    .hasMessageContaining("large F32 [536870912] has 2147483648 bytes, at most 2147483647");
        }
    }

    @Test
    void aNameThatIsNotThereIsSaid() throws Exception {
        try (SafetensorsFile file = SafetensorsFile.open(golden())) {
            assertThatThrownBy(() -> file.bytes("nobody"))
                    .isInstanceOf(SafetensorsException.class)
                    .hasMessageContaining("has no tensor nobody");
        }
    }

    @Test
    void aMissingFileIsAnIoError() {
        assertThatThrownBy(() -> SafetensorsFile.open(folder.resolve("none"))).isInstanceOf(NoSuchFileException.class);
    }

    static Stream<Arguments> brokenHeaders() {
        String good = "\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]";
        return Stream.of(
                Arguments.of("no JSON", "{\"a\":", "not the JSON"),
                Arguments.of("an array", "[]", "'{'"),
                Arguments.of("a space first", " {}", "'{'"),
                Arguments.of("nothing", "", "'{'"),
                Arguments.of("two objects", "{}{}", "more after"),
                Arguments.of("a number for a tensor", "{\"a\":1}", "a is not an object"),
                Arguments.of(
                        "an unknown type",
                        "{\"a\":{\"dtype\":\"F4\",\"shape\":[1],\"data_offsets\":[0,1]}}",
                        "a has dtype F4"),
                Arguments.of(
                        "a complex type", "{\"a\":{\"dtype\":\"C64\",\"shape\":[1],\"data_offsets\":[0,1]}}", "C64"),
                Arguments.of("no type", "{\"a\":{\"shape\":[1],\"data_offsets\":[0,1]}}", "a has no dtype"),
                Arguments.of("a type that is a number", "{\"a\":{\"dtype\":8}}", "a.dtype is not a string"),
                Arguments.of("no shape", "{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}", "a has no shape"),
                Arguments.of("no offsets", "{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", "a.data_offsets"),
                Arguments.of(
                        "one offset",
                        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}",
                        "a.data_offsets"),
                Arguments.of(
                        "three offsets",
                        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1,1]}}",
                        "more than 2"),
                Arguments.of(
                        "a negative offset", "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[-1,0]}}", "-1"),
                Arguments.of(
                        "offsets backwards",
                        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,0]}}",
                        "a begins at 1"),
                Arguments.of(
                        "a negative size", "{\"a\":{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,1]}}", "-1"),
                Arguments.of("a fraction", "{\"a\":{\"dtype\":\"U8\",\"shape\":[1.0],\"data_offsets\":[0,1]}}", "1.0"),
                Arguments.of(
                        "a size past a long",
                        "{\"a\":{\"dtype\":\"U8\",\"shape\":[9223372036854775808],\"data_offsets\":[0,1]}}",
                        "JSON"),
                Arguments.of(
                        "sizes past a long",
                        "{\"a\":{\"dtype\":\"F64\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,1]}}",
                        "more bytes than a long"),
                Arguments.of(
                        "a size that is not the offsets'",
                        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,1]}}",
                        "has 4 bytes"),
                Arguments.of(
                        "past the end",
                        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}",
                        "which has 1 bytes"),
                Arguments.of(
                        "a hole", "{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[1,1]}}", "a begins at 1"),
                Arguments.of("bytes left over", EMPTY_HEADER, "the tensors end at 0"),
                Arguments.of("overlapping tensors", "{\"a\":{" + good + "},\"b\":{" + good + "}}", "b begins at 0"),
                Arguments.of("a name twice", "{\"a\":{" + good + "},\"a\":{" + good + "}}", "a stands twice"),
                Arguments.of("a field twice", "{\"a\":{" + good + ",\"shape\":[1]}}", "a.shape stands twice"),
                Arguments.of("metadata twice", "{\"__metadata__\":{},\"__metadata__\":{}}", "stands twice"),
                Arguments.of("metadata that is text", "{\"__metadata__\":\"x\"}", "__metadata__ is not an object"),
                Arguments.of(
                        "metadata that is not text", "{\"__metadata__\":{\"x\":1}}", "__metadata__.x is not a string"),
                Arguments.of(
                        "a note twice", "{\"__metadata__\":{\"x\":\"1\",\"x\":\"2\"}}", "__metadata__.x stands twice"),
                Arguments.of("deep nesting", "{\"a\":{\"x\":" + "[".repeat(100_000), "JSON"),
                Arguments.of("many axes", "{\"a\":{\"shape\":[" + "1,".repeat(100_000) + "1]}}", "more than 64"),
                Arguments.of("a long number", "{\"a\":{\"shape\":[" + "1".repeat(100_000) + "]}}", "JSON"),
                Arguments.of("a long name", "{\"" + "a".repeat(100_000) + "\":{}}", "JSON"),
                Arguments.of("text without end", "{\"__metadata__\":{\"a\":\"\\ud800", "JSON"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenHeaders")
    void aBrokenHeaderIsRefusedWithItsReason(String what, String header, String reason) throws IOException {
        assertThatThrownBy(() -> SafetensorsFile.open(write(header, 7)))
                .as(what)
                .isInstanceOf(SafetensorsException.class)
                .hasMessageContaining(reason)
                .hasMessageStartingWith(folder.toString())
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1000));
    }

    @Test
    void textThatIsNotUtf8IsRefused() throws IOException {
        Path path = folder.resolve("latin1");
        Files.write(path, new byte[] {8, 0, 0, 0, 0, 0, 0, 0, '{', '"', (byte) 0xe9, '"', ':', '1', '}', ' '});
        assertThatThrownBy(() -> SafetensorsFile.open(path)).isInstanceOf(SafetensorsException.class);
    }

    @ParameterizedTest
    @MethodSource("brokenLengths")
    void aBrokenLengthIsRefused(long length, String reason) throws IOException {
        Path path = folder.resolve("length");
        Files.write(
                path,
                ByteBuffer.allocate(64)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(length)
                        .array());
        assertThatThrownBy(() -> SafetensorsFile.open(path))
                .isInstanceOf(SafetensorsException.class)
                .hasMessageContaining(reason);
    }

    static Stream<Arguments> brokenLengths() {
        return Stream.of(
                Arguments.of(-1L, "18446744073709551615 bytes, at most 100000000"),
                Arguments.of(Long.MIN_VALUE, "at most 100000000"),
                Arguments.of(100_000_001L, "at most 100000000"),
                Arguments.of(100_000_000L, "in a file of 64 bytes"),
                Arguments.of(57L, "in a file of 64 bytes"));
    }

    @Test
    void aFileShorterThanALengthIsRefused() throws IOException {
        Path path = folder.resolve("short");
        Files.write(path, new byte[7]);
        assertThatThrownBy(() -> SafetensorsFile.open(path))
                .isInstanceOf(SafetensorsException.class)
                .hasMessageContaining("7 bytes");
    }

    private Path write(String header, int... data) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json);
        for (int value : data) {
            bytes.put((byte) value);
        }
        return Files.write(folder.resolve("written.safetensors"), bytes.array());
    }

    private static Path golden() throws URISyntaxException {
        return resource("python.safetensors");
    }

    private static Path resource(String name) throws URISyntaxException {
        return Path.of(SafetensorsFileTest.class.getResource(name).toURI());
    }

    private static JsonNode expected() throws IOException, URISyntaxException {
        return new ObjectMapper().readTree(Files.readAllBytes(resource("python.json")));
    }

    private static Map<String, String> metadata(JsonNode expected) {
        Map<String, String> metadata = new TreeMap<>();
        expected.get("metadata")
                .properties()
                .forEach(note -> metadata.put(note.getKey(), note.getValue().asText()));
        return metadata;
    }

    private static Shape shape(JsonNode tensor) {
        return Shape.of(StreamSupport.stream(tensor.get("shape").spliterator(), false)
                .flatMapToLong(size -> LongStream.of(size.asLong()))
                .toArray());
    }

    private static String hex(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return HexFormat.of().formatHex(copy);
    }
}
