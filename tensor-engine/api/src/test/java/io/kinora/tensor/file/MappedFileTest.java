package io.kinora.tensor.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MappedFileTest {
    private static final long GIB = 1L << 30;
    private static final long SIZE = 5 * GIB + 100;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(longs = {0, GIB - 4, GIB - 2, GIB, 2 * GIB - 4, 2 * GIB - 2, 2 * GIB, 3 * GIB - 1, 5 * GIB + 92})
    void aSliceIsTheFilesBytesWhereverItLies(long offset) throws IOException {
        Path path = sparse();
        try (RandomAccessFile raw = new RandomAccessFile(path.toFile(), "rw")) {
            raw.seek(offset);
            raw.writeLong(0x0807060504030201L);
        }
        try (MappedFile file = MappedFile.open(path)) {
            assertThat(file.slice(offset, 8).getLong()).isEqualTo(0x0102030405060708L);
            assertThat(file.read(offset, 8)).containsExactly(8, 7, 6, 5, 4, 3, 2, 1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 2147483647",
        "1, 2147483647",
        "1073741823, 2147483647",
        "1073741820, 1073741824",
        "3221225573, 2147483647"
    })
    void aSliceMayBeAsLongAsABuffer(long offset, long length) throws IOException {
        Path path = sparse();
        try (RandomAccessFile raw = new RandomAccessFile(path.toFile(), "rw")) {
            raw.seek(offset + length - 1);
            raw.write(42);
        }
        try (MappedFile file = MappedFile.open(path)) {
            ByteBuffer slice = file.slice(offset, length);
            assertThat(slice.remaining()).isEqualTo((int) length);
            assertThat(slice.get((int) length - 1)).isEqualTo((byte) 42);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 1",
        "0, -1",
        "5368709220, 1",
        "5368709219, 2",
        "0, 2147483648",
        "9223372036854775807, 1",
        "1, 9223372036854775807"
    })
    void aSliceOutsideTheFileIsRefused(long offset, long length) throws IOException {
        try (MappedFile file = MappedFile.open(sparse())) {
            assertThatThrownBy(() -> file.slice(offset, length)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void anEmptySliceMayStandAtTheEnd() throws IOException {
        try (MappedFile file = MappedFile.open(sparse())) {
            assertThat(file.slice(SIZE, 0).hasRemaining()).isFalse();
        }
    }

    @Test
    void aSliceIsReadOnly() throws IOException {
        try (MappedFile file = MappedFile.open(sparse())) {
            ByteBuffer slice = file.slice(0, 1);
            assertThatThrownBy(() -> slice.put((byte) 1)).isInstanceOf(ReadOnlyBufferException.class);
        }
    }

    @Test
    void readingPastTheEndIsAnIoError() throws IOException {
        try (MappedFile file = MappedFile.open(sparse())) {
            assertThatThrownBy(() -> file.read(SIZE - 1, 2))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("ends before");
        }
    }

    private Path sparse() throws IOException {
        Path path = folder.resolve("sparse");
        try (RandomAccessFile raw = new RandomAccessFile(path.toFile(), "rw")) {
            raw.setLength(SIZE); // a hole: takes no room on disk
        }
        return path;
    }
}
