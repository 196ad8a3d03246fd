package io.kinora.tensor.torchfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.tensor.DType;
import io.kinora.tensor.file.TensorInfo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class TorchFileTest {
    @TempDir
    private Path folder;

    static Stream<Arguments> contents() throws IOException, URISyntaxException {
        return json("contents.json").properties().stream().map(file -> Arguments.of(file.getKey(), file.getValue()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("contents")
    void readsWhatTorchSaves(String name, JsonNode expected) throws Exception {
        try (TorchFile file = TorchFile.open(resource(name))) {
            assertThat(file.tensors().keySet())
                    .containsExactlyInAnyOrderElementsOf(expected.properties().stream()
                            .map(Map.Entry::getKey)
                            .toList());
            expected.properties().forEach(tensor -> {
                TensorInfo info = file.tensors().get(tensor.getKey());
                assertThat(info.dtype().name())
                        .isEqualTo(tensor.getValue().get("dtype").asText());
                assertThat(info.shape().toArray())
                        .containsExactly(StreamSupport.stream(
                                        tensor.getValue().get("shape").spliterator(), false)
                                .mapToLong(JsonNode::asLong)
                                .toArray());
                assertThat(hex(file.bytes(tensor.getKey())))
                        .as(tensor.getKey())
                        .isEqualTo(tensor.getValue().get("hex").asText());
            });
        }
    }

    @ParameterizedTest
    @CsvSource({
        "whole, true",
        "slice, true",
        "grid, true",
        "scalar, true",
        "scalar_view, true",
        "empty, true",
        "ones, true",
        "half_tail, true",
        "permuted, false",
        "transposed, false",
        "column, false",
        "every_second, false",
        "expanded, false",
        "bytes_of, false",
        "nobody, false"
    })
    void whatLiesInOrderIsMappedAndTheRestGathered(String name, boolean mapped) throws Exception {
        try (TorchFile file = TorchFile.open(resource("views.pt"))) {
            assertThat(file.isMapped(name)).isEqualTo(mapped);
        }
    }

    @Test
    void viewsOfOneStorageShareTheFilesBytes() throws Exception {
        try (TorchFile file = TorchFile.open(resource("views.pt"))) {
            Map<String, TensorInfo> tensors = file.tensors();
            assertThat(tensors.get("slice").offset() - tensors.get("whole").offset())
                    .isEqualTo(5 * Float.BYTES);
            assertThat(tensors.get("whole").offset() % 64).isZero();
            assertThat(file.bytes("permuted").isDirect()).isTrue();
            assertThat(file.bytes("permuted").isReadOnly()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "legacy.pt     | before version 1.6",
                "legacy.pt     | torch.save(torch.load(",
                "script.pt     | TorchScript",
                "compressed.pt | compressed",
                "complex.pt    | torch.ComplexFloatStorage",
                "negated.pt    | conjugated or negated",
                "quantized.pt  | torch._utils._rebuild_qtensor",
                "sparse.pt     | torch._utils._rebuild_sparse_tensor",
                "module.pt     | __main__.Net"
            })
    void whatIsNotReadIsRefusedByName(String name, String reason) {
        assertThatThrownBy(() -> TorchFile.open(resource(name)))
                .isInstanceOf(TorchFileException.class)
                .hasMessageContaining(reason)
                .hasMessageContaining(name);
    }

    static Stream<Arguments> hostilePickles() throws IOException, URISyntaxException {
        return StreamSupport.stream(json("hostile.json").spliterator(), false)
                .map(each -> Arguments.of(
                        each.get("name").asText(),
                        each.get("hex").asText(),
                        each.get("message").asText()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostilePickles")
    void aHostilePickleIsRefused(String name, String pickle, String reason) throws IOException {
        Path path = new StoredZip()
                .add("archive/data.pkl", HexFormat.of().parseHex(pickle))
                .add("archive/data/0", new byte[16])
                .write(folder.resolve("hostile.pt"));
        assertThatThrownBy(() -> TorchFile.open(path))
                .as(name)
                .isInstanceOf(TorchFileException.class)
                .hasMessageContaining(reason)
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1000));
    }

    @Test
    void anyFolderNameWillDoAndNoByteOrderMeansLittle() throws IOException {
        Path path = new StoredZip()
                .add("any name/data.pkl", aTensorOfFourFloats())
                .add("any name/data/0", new byte[] {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
                .write(folder.resolve("x.bin"));
        try (TorchFile file = TorchFile.open(path)) {
            assertThat(file.tensors().get("w").dtype()).isEqualTo(DType.F32);
            assertThat(file.bytes("w").getFloat()).isEqualTo(1);
        }
    }

    static Stream<Arguments> longPickles() {
        int many = (1 << 20) + 1;
        String pairs = "](" + "K\u0001N\u0086".repeat(100_000) + "eq\u0000";
        String dictionaryOfPairs = "ccollections\nOrderedDict\nh\u0000\u0085R0";
        return Stream.of(
                Arguments.of("a high stack", "N".repeat(many) + ".", "stacks more than 1048576"),
                Arguments.of("a long memo", "]" + "\u0094".repeat(many) + ".", "keeps more than 1048576"),
                Arguments.of("many steps", "]" + "20".repeat(2 * many) + ".", "more than 4194304 steps"),
                Arguments.of(
                        "many dictionaries of many",
                        pairs + dictionaryOfPairs.repeat(100) + ".",
                        "more than 4194304 steps"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("longPickles")
    void aPickleThatWouldFillTheMemoryIsRefused(String name, String pickle, String reason) {
        byte[] bytes = pickle.getBytes(StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> PickleReader.read(bytes, new PickleBudget()))
                .as(name)
                .isInstanceOf(TorchFileException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void aPickleOfHundredsOfMegabytesIsNotRead() throws IOException {
        Path path = new StoredZip().addHole("a/data.pkl", 1L << 30).write(folder.resolve("x.pt"));
        assertThatThrownBy(() -> TorchFile.open(path))
                .isInstanceOf(TorchFileException.class)
                .hasMessageContaining("a/data.pkl has 1073741824 bytes, at most 67108864 are allowed");
    }

    @Test
    void nestedTuplesAsKeysAreNeverHashed() {
        // Sixty pairs of the pair before: hashing the last one by value would take 2^60 steps.
        ByteArrayOutputStream pickle = new ByteArrayOutputStream();
        pickle.writeBytes(new byte[] {(byte) 0x80, 2, '}', ')'});
        for (int i = 0; i < 60; i++) {
            pickle.writeBytes(new byte[] {'2', (byte) 0x86});
        }
        pickle.writeBytes(new byte[] {'K', 1, 's', '.'});
        assertThat(PickleReader.read(pickle.toByteArray(), new PickleBudget())).isInstanceOf(Map.class);
    }

    @Test
    void bigEndianFilesAreRefused() throws IOException {
        Path path = new StoredZip()
                .add("a/data.pkl", aTensorOfFourFloats())
                .add("a/byteorder", "big".getBytes(StandardCharsets.US_ASCII))
                .add("a/data/0", new byte[16])
                .write(folder.resolve("x.bin"));
        assertThatThrownBy(() -> TorchFile.open(path))
                .isInstanceOf(TorchFileException.class)
                .hasMessageContaining("byte order is 'big'");
    }

    @Test
    void anArchiveWithoutOrWithTwoPicklesIsRefused() throws IOException {
        Path none = new StoredZip().add("a/b/data.pkl", new byte[1]).write(folder.resolve("none.pt"));
        Path two = new StoredZip()
                .add("a/data.pkl", aTensorOfFourFloats())
                .add("b/data.pkl", aTensorOfFourFloats())
                .write(folder.resolve("two.pt"));
        assertThatThrownBy(() -> TorchFile.open(none))
                .isInstanceOf(TorchFileException.class)
                .hasMessageContaining("0 entries");
        assertThatThrownBy(() -> TorchFile.open(two))
                .isInstanceOf(TorchFileException.class)
                .hasMessageContaining("2 entries");
    }

    @Test
    void aFileOfAnotherKindIsRefused() throws IOException {
        Path text = Files.writeString(folder.resolve("x.pt"), "hello");
        assertThat(TorchFile.recognises(text)).isFalse();
        assertThatThrownBy(() -> TorchFile.open(text))
                .isInstanceOf(TorchFileException.class)
                .hasMessageContaining("does not begin as a zip");
    }

    @Test
    void aSafetensorsFileIsNoneOfTorchWhateverTheLengthOfItsHeader() throws IOException {
        for (int low = 0; low < 256; low++) {
            byte[] head = {(byte) low, 2, 0, 0, 0, 0, 0, 0, '{', '}', ' '};
            assertThat(TorchFile.recognises(Files.write(folder.resolve("x"), head)))
                    .isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy.pt", "protocol2.pt", "script.pt"})
    void filesOfTorchAreRecognised(String name) throws Exception {
        assertThat(TorchFile.recognises(resource(name))).isTrue();
    }

    @Test
    void aTarOfOldDaysIsRecognised() throws IOException {
        byte[] tar = new byte[512];
        System.arraycopy("ustar".getBytes(StandardCharsets.US_ASCII), 0, tar, 257, 5);
        Path path = Files.write(folder.resolve("old.pt"), tar);
        assertThat(TorchFile.recognises(path)).isTrue();
        assertThatThrownBy(() -> TorchFile.open(path))
                .isInstanceOf(TorchFileException.class)
                .hasMessageContaining("before version 1.6");
    }

    @Test
    void aSpanLargerThanABufferIsRefusedByName() throws IOException {
        // Twelve elements, a GiB of storage apart: more than a buffer between the first and the last.
        try (TorchFile file = TorchFile.open(farApart(12))) {
            assertThatThrownBy(() -> file.bytes("w"))
                    .isInstanceOf(TorchFileException.class)
                    .hasMessageContaining("w F32 [12] has 48 bytes in a span of");
        }
    }

    private Path farApart(int elements) throws IOException {
        int stride = 1 << 28;
        long storage = (long) stride * elements;
        byte[] pickle = new PickleText()
                .tensor("w", storage, 0, new long[] {elements}, new long[] {stride})
                .bytes();
        return new StoredZip()
                .add("a/data.pkl", pickle)
                .addHole("a/data/0", storage * Float.BYTES)
                .write(folder.resolve("far.pt"));
    }

    private static byte[] aTensorOfFourFloats() {
        return new PickleText()
                .tensor("w", 4, 0, new long[] {4}, new long[] {1})
                .bytes();
    }

    private static JsonNode json(String name) throws IOException, URISyntaxException {
        return new ObjectMapper().readTree(Files.readAllBytes(resource(name)));
    }

    private static Path resource(String name) throws URISyntaxException {
        return Path.of(TorchFileTest.class.getResource(name).toURI());
    }

    private static String hex(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return HexFormat.of().formatHex(copy);
    }
}
