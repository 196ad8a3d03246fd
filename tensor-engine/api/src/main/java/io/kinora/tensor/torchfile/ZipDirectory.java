package io.kinora.tensor.torchfile;

import io.kinora.tensor.file.MappedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where the entries of a zip archive lie, zip64 included, so that they can be mapped: the JDK's reader gives streams, and no positions.
 *
 * <p>PKWARE's APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.14 to 4.3.16.
 */
final class ZipDirectory {
    private static final int LOCAL_HEADER = 0x04034b50;
    private static final int CENTRAL_HEADER = 0x02014b50;
    private static final int END = 0x06054b50;
    private static final int ZIP64_END = 0x06064b50;
    private static final int ZIP64_LOCATOR = 0x07064b50;

    private static final int LOCAL_BYTES = 30;
    private static final int CENTRAL_BYTES = 46;
    private static final int END_BYTES = 22;
    private static final int ZIP64_END_BYTES = 56;
    private static final int ZIP64_LOCATOR_BYTES = 20;
    private static final int ZIP64_EXTRA = 1;
    private static final int MAX_COMMENT_BYTES = 0xFFFF;

    private static final long IN_ZIP64_INT = 0xFFFFFFFFL;
    private static final int ENCRYPTED = 1;
    private static final int STORED = 0;

    /** Far above the directory of a million tensors in a file. */
    private static final long MAX_DIRECTORY_BYTES = 128L << 20;

    private final MappedFile file;
    private final Map<String, Entry> entries;

    private ZipDirectory(MappedFile file, Map<String, Entry> entries) {
        this.file = file;
        this.entries = Collections.unmodifiableMap(entries);
    }

    /** Bytes of an entry in the file; not plain if they are compressed or encrypted. */
    private record Entry(long offset, long size, boolean plain) {}

    /** Where the plain bytes of an entry lie. */
    record Extent(long offset, long size) {}

    /** Reads the directory. */
    static ZipDirectory read(MappedFile file) throws IOException {
        Directory directory = locate(file);
        if (directory.size() > MAX_DIRECTORY_BYTES || directory.offset() > file.size() - directory.size()) {
            throw new TorchFileException("the zip directory is said to have %d bytes at %d, in a file of %d bytes"
                    .formatted(directory.size(), directory.offset(), file.size()));
        }
        ByteBuffer records = little(file.read(directory.offset(), (int) directory.size()));
        Map<String, Entry> entries = new LinkedHashMap<>();
        while (records.remaining() >= CENTRAL_BYTES && records.getInt(records.position()) == CENTRAL_HEADER) {
            readEntry(file, records, entries);
        }
        if (entries.size() != directory.count()) {
            throw new TorchFileException("the zip directory holds %d entries, and says it has %d"
                    .formatted(entries.size(), directory.count()));
        }
        return new ZipDirectory(file, entries);
    }

    /** Names of the entries, in the order of the directory. */
    Set<String> names() {
        return entries.keySet();
    }

    /**
     * Where an entry's bytes lie; empty if there is none of that name.
     *
     * @throws TorchFileException if it is compressed or encrypted, which torch does to code only
     */
    Optional<Extent> find(String name) {
        return Optional.ofNullable(entries.get(name)).map(entry -> {
            if (!entry.plain()) {
                throw new TorchFileException(
                        "%s is compressed or encrypted; torch stores its entries as they are".formatted(name));
            }
            return new Extent(entry.offset(), entry.size());
        });
    }

    /** A copy of a small entry's bytes; empty if there is no such entry. */
    Optional<byte[]> content(String name, int mostBytes) throws IOException {
        Optional<Extent> extent = find(name);
        if (extent.isEmpty()) {
            return Optional.empty();
        }
        if (extent.get().size() > mostBytes) {
            throw new TorchFileException("%s has %d bytes, at most %d are allowed"
                    .formatted(name, extent.get().size(), mostBytes));
        }
        return Optional.of(file.read(extent.get().offset(), (int) extent.get().size()));
    }

    private record Directory(long offset, long size, long count) {}

    private static Directory locate(MappedFile file) throws IOException {
        int tailBytes = (int) Math.min(file.size(), END_BYTES + MAX_COMMENT_BYTES);
        long tailAt = file.size() - tailBytes;
        ByteBuffer tail = little(file.read(tailAt, tailBytes));
        for (int at = tailBytes - END_BYTES; at >= 0; at--) {
            boolean commentFits = at + END_BYTES + Short.toUnsignedInt(tail.getShort(at + 20)) == tailBytes;
            if (tail.getInt(at) == END && commentFits) {
                Directory directory = new Directory(
                        Integer.toUnsignedLong(tail.getInt(at + 16)),
                        Integer.toUnsignedLong(tail.getInt(at + 12)),
                        Short.toUnsignedLong(tail.getShort(at + 10)));
                return locateZip64(file, tailAt + at).orElse(directory);
            }
        }
        throw new TorchFileException("the zip archive has no end record: the file is cut short, or no archive");
    }

    private static Optional<Directory> locateZip64(MappedFile file, long endAt) throws IOException {
        long locatorAt = endAt - ZIP64_LOCATOR_BYTES;
        if (locatorAt < 0) {
            return Optional.empty();
        }
        ByteBuffer locator = little(file.read(locatorAt, ZIP64_LOCATOR_BYTES));
        if (locator.getInt(0) != ZIP64_LOCATOR) {
            return Optional.empty();
        }
        long at = locator.getLong(8);
        if (at < 0 || at > locatorAt - ZIP64_END_BYTES) {
            throw new TorchFileException("the zip64 end record is said to lie at " + Long.toUnsignedString(at));
        }
        ByteBuffer end = little(file.read(at, ZIP64_END_BYTES));
        Directory directory = new Directory(end.getLong(48), end.getLong(40), end.getLong(32));
        if (end.getInt(0) != ZIP64_END || directory.offset() < 0 || directory.size() < 0) {
            throw new TorchFileException("the zip64 end record at %d is damaged".formatted(at));
        }
        return Optional.of(directory);
    }

    private static void readEntry(MappedFile file, ByteBuffer records, Map<String, Entry> entries) throws IOException {
        int at = records.position();
        int flags = records.getShort(at + 8);
        int method = records.getShort(at + 10);
        int nameBytes = Short.toUnsignedInt(records.getShort(at + 28));
        int extraBytes = Short.toUnsignedInt(records.getShort(at + 30));
        int commentBytes = Short.toUnsignedInt(records.getShort(at + 32));
        int end = at + CENTRAL_BYTES + nameBytes + extraBytes + commentBytes;
        if (end > records.limit()) {
            throw new TorchFileException("the zip directory is cut short");
        }
        String name = StandardCharsets.UTF_8
                .decode(records.slice(at + CENTRAL_BYTES, nameBytes))
                .toString();
        Fields fields = new Fields(
                Integer.toUnsignedLong(records.getInt(at + 24)),
                Integer.toUnsignedLong(records.getInt(at + 20)),
                Integer.toUnsignedLong(records.getInt(at + 42)));
        ByteBuffer extra =
                records.slice(at + CENTRAL_BYTES + nameBytes, extraBytes).order(ByteOrder.LITTLE_ENDIAN);
        fields = widen(name, fields, extra);
        boolean plain = (flags & ENCRYPTED) == 0 && method == STORED && fields.size() == fields.compressedSize();
        Entry entry = new Entry(dataAt(file, name, fields), fields.compressedSize(), plain);
        if (entries.put(name, entry) != null) {
            throw new TorchFileException("the archive has two entries called " + name);
        }
        records.position(end);
    }

    private record Fields(long size, long compressedSize, long headerAt) {}

    /** Takes from the zip64 field what does not fit 32 bits; it holds only those, in this order. */
    private static Fields widen(String name, Fields fields, ByteBuffer extra) {
        while (extra.remaining() >= 4) {
            int id = Short.toUnsignedInt(extra.getShort());
            int length = Short.toUnsignedInt(extra.getShort());
            if (length > extra.remaining()) {
                break; // padding, with which torch aligns the data that follows
            }
            if (id == ZIP64_EXTRA) {
                ByteBuffer wide = extra.slice(extra.position(), length).order(ByteOrder.LITTLE_ENDIAN);
                return new Fields(
                        wide(name, fields.size(), wide),
                        wide(name, fields.compressedSize(), wide),
                        wide(name, fields.headerAt(), wide));
            }
            extra.position(extra.position() + length);
        }
        return fields;
    }

    private static long wide(String name, long field, ByteBuffer wide) {
        if (field != IN_ZIP64_INT) {
            return field;
        }
        if (wide.remaining() < Long.BYTES) {
            throw new TorchFileException("%s has a zip64 field that is cut short".formatted(name));
        }
        return wide.getLong();
    }

    private static long dataAt(MappedFile file, String name, Fields fields) throws IOException {
        long at = fields.headerAt();
        if (at < 0 || at > file.size() - LOCAL_BYTES) {
            throw new TorchFileException(
                    "%s is said to begin at %d, in a file of %d bytes".formatted(name, at, file.size()));
        }
        ByteBuffer header = little(file.read(at, LOCAL_BYTES));
        if (header.getInt(0) != LOCAL_HEADER) {
            throw new TorchFileException("%s has no header at %d".formatted(name, at));
        }
        long data =
                at + LOCAL_BYTES + Short.toUnsignedInt(header.getShort(26)) + Short.toUnsignedInt(header.getShort(28));
        if (fields.compressedSize() < 0 || data > file.size() - fields.compressedSize()) {
            throw new TorchFileException("%s is said to have %d bytes at %d, in a file of %d bytes"
                    .formatted(name, fields.compressedSize(), data, file.size()));
        }
        return data;
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
