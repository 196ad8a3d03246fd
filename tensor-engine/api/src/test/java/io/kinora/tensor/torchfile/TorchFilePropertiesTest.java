package io.kinora.tensor.torchfile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterProperty;

final class TorchFilePropertiesTest {
    private static final int STORAGE = 4096;

    private final Path path = temporaryFile();

    @AfterProperty
    void delete() throws IOException {
        Files.deleteIfExists(path);
    }

    @Property(tries = 200)
    void aViewHasTheElementsThatItsStridesSay(
            @ForAll("sizes") long[] sizes, @ForAll Random random, @ForAll @IntRange(max = 20) int offset)
            throws IOException {
        long[] strides = new long[sizes.length];
        for (int axis = 0; axis < strides.length; axis++) {
            strides[axis] = random.nextInt(40);
        }
        if (random.nextBoolean()) {
            makeContiguous(sizes, strides);
        }
        byte[] pickle =
                new PickleText().tensor("w", STORAGE, offset, sizes, strides).bytes();
        new StoredZip()
                .add("a/data.pkl", pickle)
                .add("a/data/0", countingFloats())
                .write(path);
        try (TorchFile file = TorchFile.open(path)) {
            ByteBuffer values = file.bytes("w");
            long[] index = new long[sizes.length];
            int count = (int) Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
            assertThat(values.remaining()).isEqualTo(count * Float.BYTES);
            for (int i = 0; i < count; i++) {
                long element = offset;
                for (int axis = 0; axis < sizes.length; axis++) {
                    element += index[axis] * strides[axis];
                }
                assertThat(values.getFloat()).isEqualTo((float) element);
                advance(index, sizes);
            }
        }
    }

    @Property(tries = 500)
    void aDamagedFileIsReadOrRefused(
            @ForAll("files") String name, @ForAll @IntRange(min = 1, max = 6) int flips, @ForAll Random random)
            throws IOException, URISyntaxException {
        byte[] bytes =
                Files.readAllBytes(Path.of(TorchFileTest.class.getResource(name).toURI()));
        for (int i = 0; i < flips; i++) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        Files.write(path, random.nextInt(4) > 0 ? bytes : Arrays.copyOf(bytes, random.nextInt(bytes.length)));
        readOrRefuse();
    }

    @Property(tries = 1000)
    void anyPickleIsReadOrRefused(@ForAll("pickles") byte[] pickle) throws IOException {
        new StoredZip().add("a/data.pkl", pickle).add("a/data/0", new byte[64]).write(path);
        readOrRefuse();
    }

    private void readOrRefuse() throws IOException {
        try (TorchFile file = TorchFile.open(path)) {
            file.tensors().forEach((name, info) -> assertThat(file.bytes(name).remaining())
                    .isEqualTo((int) info.bytes()));
        } catch (TorchFileException e) {
            assertThat(e).hasMessageContaining(path.toString());
        }
    }

    @Provide
    Arbitrary<long[]> sizes() {
        return Arbitraries.longs().between(0, 5).array(long[].class).ofMaxSize(4);
    }

    @Provide
    Arbitrary<String> files() {
        return Arbitraries.of("protocol2.pt", "protocol4.pt", "views.pt", "nested.pt", "zip64.pt", "state_dict.pth");
    }

    /** Operations in any order, with small arguments: most fail soon, each in its own way. */
    @Provide
    Arbitrary<byte[]> pickles() {
        byte[][] pieces = Arrays.stream(new String[] {
                    "N",
                    "\u0088",
                    "\u0089",
                    "K\u0001",
                    "M\u0001\u0002",
                    "J\u0001\u0000\u0000\u0000",
                    "\u008a\u0001\u0005",
                    "X\u0001\u0000\u0000\u0000a",
                    "U\u0001b",
                    "\u008c\u0007storage",
                    "U\u00010",
                    "(",
                    ")",
                    "\u0085",
                    "\u0086",
                    "\u0087",
                    "t",
                    "]",
                    "l",
                    "a",
                    "e",
                    "}",
                    "d",
                    "s",
                    "u",
                    "\u008f",
                    "\u0090",
                    "\u0091",
                    "q\u0001",
                    "h\u0001",
                    "\u0094",
                    "0",
                    "1",
                    "2",
                    "R",
                    "\u0081",
                    "b",
                    "Q",
                    "\u0093",
                    "ccollections\nOrderedDict\n",
                    "ctorch._utils\n_rebuild_tensor_v2\n",
                    "ctorch\nFloatStorage\n",
                    "ctorch\nfloat32\n",
                    "ctorch\nSize\n",
                    "ctorch._utils\n_rebuild_parameter\n",
                    "c_codecs\nencode\n",
                    "c__builtin__\nset\n"
                })
                .map(piece -> piece.getBytes(StandardCharsets.ISO_8859_1))
                .toArray(byte[][]::new);
        return Arbitraries.of(pieces).list().ofMaxSize(40).map(parts -> {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(new byte[] {(byte) 0x80, 2});
            parts.forEach(out::writeBytes);
            out.write('.');
            return out.toByteArray();
        });
    }

    private static void makeContiguous(long[] sizes, long[] strides) {
        long next = 1;
        for (int axis = sizes.length - 1; axis >= 0; axis--) {
            strides[axis] = next;
            next *= Math.max(1, sizes[axis]);
        }
    }

    private static void advance(long[] index, long[] sizes) {
        for (int axis = index.length - 1; axis >= 0; axis--) {
            if (++index[axis] < sizes[axis]) {
                return;
            }
            index[axis] = 0;
        }
    }

    private static byte[] countingFloats() {
        ByteBuffer bytes = ByteBuffer.allocate(STORAGE * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < STORAGE; i++) {
            bytes.putFloat(i);
        }
        return bytes.array();
    }

    private static Path temporaryFile() {
        try {
            return Files.createTempFile("kinora", ".pt");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
