package io.kinora.tensor.file;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;

/**
 * A file of named tensors, mapped into memory: opening it reads the table of contents only.
 *
 * <p>Thread-safe. Buffers handed out stay valid after {@link #close}; the system takes their pages back when memory is short, and
 * drops the mapping when the last buffer is unreachable. The file must not be truncated while buffers of it are in use.
 */
public interface TensorFile extends AutoCloseable {
    /** Largest tensor, in bytes, that {@link #bytes} can hand out: what a {@link ByteBuffer} can address. */
    long MAX_TENSOR_BYTES = Integer.MAX_VALUE;

    /** Where it lies. */
    Path path();

    /** What is in it, in the file's order. Unmodifiable. */
    Map<String, TensorInfo> tensors();

    /**
     * A tensor's elements, row-major and little endian, as a direct read-only buffer: a view of the mapped file, except where a format
     * stores another order of axes and the elements are gathered into a new buffer.
     *
     * @throws TensorFileException if there is no tensor of that name, or it is larger than {@link #MAX_TENSOR_BYTES}
     */
    ByteBuffer bytes(String name);

    /** True if {@link #bytes} of that tensor is a view of the mapped file. */
    boolean isMapped(String name);

    /** Closes the file; buffers handed out stay valid. */
    @Override
    void close();
}
