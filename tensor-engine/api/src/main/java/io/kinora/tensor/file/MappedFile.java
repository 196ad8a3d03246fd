package io.kinora.tensor.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * A file of any size mapped read-only, region by region as parts of it are asked for.
 *
 * <p>A {@link ByteBuffer} addresses less than 2 GiB, so regions begin at every GiB and are up to 2 GiB long: any slice of up to 1 GiB lies
 * whole in the region it begins in; a longer one that does not is mapped by itself.
 *
 * <p>Thread-safe.
 */
public final class MappedFile implements AutoCloseable {
    private static final long REGION_STEP = 1L << 30;

    private final Path path;
    private final FileChannel channel;
    private final long size;
    private final Map<Long, MappedByteBuffer> regions = new HashMap<>();

    private MappedFile(Path path, FileChannel channel, long size) {
        this.path = path;
        this.channel = channel;
        this.size = size;
    }

    /** Opens a file for mapping; maps nothing yet. */
    public static MappedFile open(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            return new MappedFile(path, channel, channel.size());
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Where it lies. */
    public Path path() {
        return path;
    }

    /** Bytes in the file when it was opened. */
    public long size() {
        return size;
    }

    /**
     * A part of the file as a read-only, little-endian view.
     *
     * @throws IndexOutOfBoundsException if it does not lie inside the file, or is longer than a buffer can address
     * @throws UncheckedIOException if the system refuses to map it
     * @throws IllegalStateException if the file is closed
     */
    public synchronized ByteBuffer slice(long offset, long length) {
        if (offset < 0 || length < 0 || length > Integer.MAX_VALUE || offset > size - length) {
            throw new IndexOutOfBoundsException(
                    "%d bytes at %d do not lie in %s of %d bytes".formatted(length, offset, path, size));
        }
        if (!channel.isOpen()) {
            throw new IllegalStateException(path + " is closed");
        }
        if (length == 0) {
            return ByteBuffer.allocateDirect(0).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
        }
        long start = offset - offset % REGION_STEP;
        int from = (int) (offset - start);
        if (from + length > Integer.MAX_VALUE) {
            return map(offset, length).order(ByteOrder.LITTLE_ENDIAN);
        }
        MappedByteBuffer region = regions.computeIfAbsent(start, at -> map(at, Math.min(Integer.MAX_VALUE, size - at)));
        return region.slice(from, (int) length).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Copies a part of the file, outside every mapping. */
    public byte[] read(long offset, int length) throws IOException {
        byte[] bytes = new byte[length];
        ByteBuffer target = ByteBuffer.wrap(bytes);
        while (target.hasRemaining()) {
            if (channel.read(target, offset + target.position()) < 0) {
                throw new IOException("%s ends before byte %d".formatted(path, offset + length));
            }
        }
        return bytes;
    }

    /** Closes the file; slices handed out stay valid. */
    @Override
    public synchronized void close() {
        regions.clear();
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close " + path, e);
        }
    }

    private MappedByteBuffer map(long offset, long length) {
        try {
            return channel.map(MapMode.READ_ONLY, offset, length);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot map %d bytes at %d of %s".formatted(length, offset, path), e);
        }
    }
}
