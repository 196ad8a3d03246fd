package io.kinora.tensor.safetensors;

import io.kinora.tensor.file.MappedFile;
import io.kinora.tensor.file.TensorFile;
import io.kinora.tensor.file.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;

/**
 * A safetensors file: eight bytes with the length of the header, the header (JSON: names to types, shapes and offsets), and the
 * tensors' bytes, row-major and little endian, each handed out as a view of the mapped file.
 *
 * <p>Thread-safe.
 */
public final class SafetensorsFile implements TensorFile {
    /** Longest header the format allows, in bytes. */
    public static final int MAX_HEADER_BYTES = 100_000_000;

    static final int LENGTH_BYTES = Long.BYTES;

    private final MappedFile file;
    private final SafetensorsHeader header;

    private SafetensorsFile(MappedFile file, SafetensorsHeader header) {
        this.file = file;
        this.header = header;
    }

    /**
     * Reads the header and checks it against the file's size; the tensors stay on disk.
     *
     * @throws SafetensorsException if the file breaks the format
     * @throws IOException if it cannot be read
     */
    public static SafetensorsFile open(Path path) throws IOException {
        MappedFile file = MappedFile.open(path);
        try {
            return new SafetensorsFile(file, readHeader(file));
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static SafetensorsHeader readHeader(MappedFile file) throws IOException {
        if (file.size() < LENGTH_BYTES) {
            throw new SafetensorsException(
                    "%s: a safetensors file begins with 8 bytes of header length, and this one has %d bytes"
                            .formatted(file.path(), file.size()));
        }
        long length = ByteBuffer.wrap(file.read(0, LENGTH_BYTES))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
        if (length < 0 || length > MAX_HEADER_BYTES) {
            throw new SafetensorsException("%s: header of %s bytes, at most %d are allowed"
                    .formatted(file.path(), Long.toUnsignedString(length), MAX_HEADER_BYTES));
        }
        long dataAt = LENGTH_BYTES + length;
        if (dataAt > file.size()) {
            throw new SafetensorsException(
                    "%s: header of %d bytes in a file of %d bytes".formatted(file.path(), length, file.size()));
        }
        try {
            return SafetensorsHeader.parse(file.read(LENGTH_BYTES, (int) length), dataAt, file.size());
        } catch (SafetensorsException e) {
            throw new SafetensorsException(file.path() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public Path path() {
        return file.path();
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return header.tensors();
    }

    /** What the writer noted under {@code __metadata__}, as {@code format} to {@code pt}. Unmodifiable. */
    public Map<String, String> metadata() {
        return header.metadata();
    }

    @Override
    public ByteBuffer bytes(String name) {
        TensorInfo info = header.tensors().get(name);
        if (info == null) {
            throw new SafetensorsException("%s has no tensor %s".formatted(path(), name));
        }
        if (info.bytes() > MAX_TENSOR_BYTES) {
            throw new SafetensorsException("%s: %s %s %s has %d bytes, at most %d can be read"
                    .formatted(path(), name, info.dtype(), info.shape(), info.bytes(), MAX_TENSOR_BYTES));
        }
        return file.slice(info.offset(), info.bytes());
    }

    @Override
    public boolean isMapped(String name) {
        return header.tensors().containsKey(name);
    }

    @Override
    public void close() {
        file.close();
    }
}
