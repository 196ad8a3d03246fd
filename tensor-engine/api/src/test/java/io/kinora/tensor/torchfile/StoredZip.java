package io.kinora.tensor.torchfile;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/** Writes zip archives as torch does, entries stored; an entry may be a hole of many GiB that takes no room on disk. */
final class StoredZip {
    private static final int LOCAL_BYTES = 30;
    private static final int ZIP64_EXTRA_BYTES = 20;

    private final List<Entry> entries = new ArrayList<>();

    private record Entry(String name, ByteBuffer content, long size) {
        byte[] nameBytes() {
            return name.getBytes(StandardCharsets.UTF_8);
        }
    }

    StoredZip add(String name, byte[] content) {
        entries.add(new Entry(name, ByteBuffer.wrap(content), content.length));
        return this;
    }

    StoredZip addHole(String name, long size) {
        entries.add(new Entry(name, ByteBuffer.allocate(0), size));
        return this;
    }

    Path write(Path path) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(0);
            List<ByteBuffer> directory = new ArrayList<>();
            for (Entry entry : entries) {
                long at = file.getFilePointer();
                file.write(localHeader(entry).array());
                file.getChannel().write(entry.content().duplicate());
                file.seek(at + LOCAL_BYTES + entry.nameBytes().length + entry.size());
                directory.add(centralHeader(entry, at));
            }
            long directoryAt = file.getFilePointer();
            for (ByteBuffer header : directory) {
                file.getChannel().write(header.flip());
            }
            long zip64At = file.getFilePointer();
            file.write(end(directoryAt, zip64At - directoryAt, zip64At).array());
        }
        return path;
    }

    private static ByteBuffer localHeader(Entry entry) {
        return little(LOCAL_BYTES + entry.nameBytes().length)
                .putInt(0x04034b50)
                .putShort((short) 45)
                .putShort((short) 0)
                .putShort((short) 0)
                .putInt(0)
                .putInt((int) crc(entry))
                .putInt(-1)
                .putInt(-1)
                .putShort((short) entry.nameBytes().length)
                .putShort((short) 0)
                .put(entry.nameBytes());
    }

    /** Sizes stand in the zip64 field, the place of the header in its own. */
    private static ByteBuffer centralHeader(Entry entry, long at) {
        return little(46 + entry.nameBytes().length + ZIP64_EXTRA_BYTES)
                .putInt(0x02014b50)
                .putShort((short) 45)
                .putShort((short) 45)
                .putShort((short) 0)
                .putShort((short) 0)
                .putInt(0)
                .putInt((int) crc(entry))
                .putInt(-1)
                .putInt(-1)
                .putShort((short) entry.nameBytes().length)
                .putShort((short) ZIP64_EXTRA_BYTES)
                .putShort((short) 0)
                .putShort((short) 0)
                .putShort((short) 0)
                .putInt(0)
                .putInt((int) at)
                .put(entry.nameBytes())
                .putShort((short) 1)
                .putShort((short) 16)
                .putLong(entry.size())
                .putLong(entry.size());
    }

    private ByteBuffer end(long directoryAt, long directoryBytes, long zip64At) {
        return little(56 + 20 + 22)
                .putInt(0x06064b50)
                .putLong(44)
                .putShort((short) 45)
                .putShort((short) 45)
                .putInt(0)
                .putInt(0)
                .putLong(entries.size())
                .putLong(entries.size())
                .putLong(directoryBytes)
                .putLong(directoryAt)
                .putInt(0x07064b50)
                .putInt(0)
                .putLong(zip64At)
                .putInt(1)
                .putInt(0x06054b50)
                .putInt(-1)
                .putInt(-1)
                .putInt(-1)
                .putInt(-1)
                .putShort((short) 0);
    }

    private static long crc(Entry entry) {
        CRC32 crc = new CRC32();
        crc.update(entry.content().duplicate());
        return crc.getValue();
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
