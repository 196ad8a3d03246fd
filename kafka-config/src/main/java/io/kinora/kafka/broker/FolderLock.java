package io.kinora.kafka.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Holds a folder for one broker. The operating system lets go of it when the process ends, however it ends, so a lock
 * never outlives its owner. The file says which process that is.
 */
final class FolderLock implements AutoCloseable {
    private static final String FILE = "kinora-broker.lock";
    private static final int LONGEST_PID = 32;
    /** The locked byte lies behind the text: on Windows a locked range cannot be read by others. */
    private static final long LOCKED_BYTE = 1_024;

    private final FileChannel channel;

    private FolderLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @throws BrokerFolderInUseException when another holds it */
    static FolderLock take(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false);
            if (lock == null) {
                throw new BrokerFolderInUseException(
                        "%s is in use by the broker of process %s; stop it or choose another folder"
                                .formatted(folder, owner(channel)));
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)), 0);
            return new FolderLock(channel);
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new BrokerFolderInUseException(
                    "%s is in use by another broker of this process; close it or choose another folder"
                            .formatted(folder));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static String owner(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(LONGEST_PID);
        channel.read(text, 0);
        return StandardCharsets.UTF_8.decode(text.flip()).toString().strip();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
