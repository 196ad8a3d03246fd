package io.kinora.tensor.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.kinora.tensor.DType;
import io.kinora.tensor.Shape;
import io.kinora.tensor.file.TensorFile;
import io.kinora.tensor.file.TensorInfo;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Writes safetensors files: the same tensors always give the same bytes, and those that the Python package {@code safetensors} writes
 * (which leaves the order of several notes to chance; here they are sorted).
 *
 * <p>Tensors stand in the order of their types, widest first, then of their names, so that each begins at a multiple of its
 * element size; the header is padded with spaces to a multiple of 8 bytes. One tensor's bytes are held at a time. The file appears
 * whole or not at all: it is written beside its place under another name, forced to disk, and moved.
 */
public final class SafetensorsWriter {
    private static final List<DType> ORDER = List.of(
            DType.U64,
            DType.I64,
            DType.F64,
            DType.F32,
            DType.U32,
            DType.I32,
            DType.BF16,
            DType.F16,
            DType.U16,
            DType.I16,
            DType.F8_E4M3,
            DType.F8_E5M2,
            DType.I8,
            DType.U8,
            DType.BOOL);
    private static final Comparator<Entry> BY_TYPE_THEN_NAME = Comparator.<Entry>comparingInt(
                    entry -> ORDER.indexOf(entry.dtype()))
            .thenComparing(entry -> entry.name().getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);
    private static final int HEADER_ALIGNMENT = 8;
    private static final JsonFactory JSON = new JsonFactory();

    private SafetensorsWriter() {}

    /**
     * A tensor to be written.
     *
     * @param content asked for once, when the tensor's turn comes
     */
    public record Entry(String name, DType dtype, Shape shape, Content content) {
        /** Checks the name and that a buffer can hold the elements. */
        public Entry {
            Objects.requireNonNull(content);
            if (name.equals(SafetensorsHeader.METADATA)) {
                throw new SafetensorsException("no tensor can be called " + name);
            }
            if (TensorInfo.bytes(dtype, shape) > TensorFile.MAX_TENSOR_BYTES) {
                throw new SafetensorsException("%s %s %s has %d bytes, at most %d can be written"
                        .formatted(name, dtype, shape, TensorInfo.bytes(dtype, shape), TensorFile.MAX_TENSOR_BYTES));
            }
        }

        private long bytes() {
            return TensorInfo.bytes(dtype, shape);
        }
    }

    /** Gives a tensor's elements, row-major and little endian: the buffer's remaining bytes. */
    @FunctionalInterface
    public interface Content {
        /** The bytes; only read, and only until the next tensor is asked for. */
        ByteBuffer bytes();
    }

    /**
     * Writes a file, and replaces the one that may be there.
     *
     * @param metadata noted in the header under {@code __metadata__}, as {@code format} to {@code pt}; may be empty
     * @throws SafetensorsException if two tensors have one name, or one gives another number of bytes than it should
     * @throws IOException if the file cannot be written; the old one then still stands
     */
    public static void write(Path path, Collection<Entry> tensors, Map<String, String> metadata) throws IOException {
        write(path, tensors, metadata, HEADER_ALIGNMENT);
    }

    /**
     * {@link #write(Path, Collection, Map)} with the first tensor's bytes at a multiple of an alignment, for readers that map the file and
     * want vectors where they expect them.
     *
     * @param alignment a multiple of 8
     */
    public static void write(Path path, Collection<Entry> tensors, Map<String, String> metadata, int alignment)
            throws IOException {
        if (alignment < HEADER_ALIGNMENT || alignment % HEADER_ALIGNMENT != 0) {
            throw new IllegalArgumentException(
                    "alignments are multiples of %d, got %d".formatted(HEADER_ALIGNMENT, alignment));
        }
        List<Entry> ordered = tensors.stream().sorted(BY_TYPE_THEN_NAME).toList();
        byte[] header = header(ordered, metadata, alignment);
        Path target = path.toAbsolutePath();
        Path part = target.resolveSibling(".%s.%016x.part"
                .formatted(target.getFileName(), ThreadLocalRandom.current().nextLong()));
        try {
            try (FileChannel channel =
                    FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                ByteBuffer length =
                        ByteBuffer.allocate(SafetensorsFile.LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
                drain(length.putLong(header.length).flip(), channel);
                drain(ByteBuffer.wrap(header), channel);
                for (Entry entry : ordered) {
                    ByteBuffer bytes = entry.content().bytes().duplicate();
                    if (bytes.remaining() != entry.bytes()) {
                        throw new SafetensorsException("%s %s %s has %d bytes, and %d were given"
                                .formatted(
                                        entry.name(), entry.dtype(), entry.shape(), entry.bytes(), bytes.remaining()));
                    }
                    drain(bytes, channel);
                }
                channel.force(true);
            }
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static void drain(ByteBuffer bytes, FileChannel channel) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static byte[] header(List<Entry> tensors, Map<String, String> metadata, int alignment) throws IOException {
        StringWriter header = new StringWriter();
        Set<String> names = new HashSet<>();
        try (JsonGenerator json = JSON.createGenerator(header)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart(SafetensorsHeader.METADATA);
                for (Map.Entry<String, String> note : new TreeMap<>(metadata).entrySet()) {
                    json.writeStringField(note.getKey(), note.getValue());
                }
                json.writeEndObject();
            }
            long end = 0;
            for (Entry entry : tensors) {
                if (!names.add(entry.name())) {
                    throw new SafetensorsException("two tensors are called " + entry.name());
                }
                long begin = end;
                end = Math.addExact(begin, entry.bytes());
                json.writeObjectFieldStart(entry.name());
                json.writeStringField("dtype", entry.dtype().name());
                json.writeFieldName("shape");
                json.writeArray(entry.shape().toArray(), 0, entry.shape().rank());
                json.writeFieldName("data_offsets");
                json.writeArray(new long[] {begin, end}, 0, 2);
                json.writeEndObject();
            }
            json.writeEndObject();
        }
        byte[] json = encode(header.toString());
        int before = SafetensorsFile.LENGTH_BYTES;
        int padded = (before + json.length + alignment - 1) / alignment * alignment - before;
        if (padded > SafetensorsFile.MAX_HEADER_BYTES) {
            throw new SafetensorsException("the header would have %d bytes, at most %d are allowed"
                    .formatted(padded, SafetensorsFile.MAX_HEADER_BYTES));
        }
        byte[] bytes = Arrays.copyOf(json, padded);
        Arrays.fill(bytes, json.length, padded, (byte) ' ');
        return bytes;
    }

    private static byte[] encode(String json) {
        try {
            ByteBuffer utf8 = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(json));
            byte[] bytes = new byte[utf8.remaining()];
            utf8.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw new SafetensorsException("a name or a note has half a surrogate pair in it, which is no text", e);
        }
    }
}
