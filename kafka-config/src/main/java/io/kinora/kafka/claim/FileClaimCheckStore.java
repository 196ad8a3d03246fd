package io.kinora.kafka.claim;

import io.kinora.kafka.claim.ClaimCheckException.Reason;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.ClaimCheck;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * Files named by the SHA-256 of their content, in 256 folders. A file appears under its name only when it is whole and on
 * disk. No part of a path ever comes from outside: it is made of the hash, which is 64 hexadecimal digits.
 */
final class FileClaimCheckStore implements ClaimCheckStore {
    private static final String URI_PREFIX = "urn:sha256:";
    private static final String UNFINISHED = ".part";

    private final Path folder;
    private final long maxSize;

    FileClaimCheckStore(Path folder, long maxSize) {
        this.folder = folder.toAbsolutePath().normalize();
        this.maxSize = maxSize;
        if (maxSize < 1 || maxSize > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "maxSize is %d bytes, allowed are 1 to %d".formatted(maxSize, Integer.MAX_VALUE));
        }
    }

    @Override
    public ClaimCheck deposit(Blob bytes, String mediaType) {
        refuseTooLarge(bytes.size());
        String sha256 = bytes.sha256();
        ClaimCheck claim = new ClaimCheck(URI.create(URI_PREFIX + sha256), sha256, bytes.size(), mediaType);
        Path file = file(sha256);
        try {
            if (Files.exists(file) && Files.size(file) == bytes.size()) {
                Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
            } else {
                write(file, bytes);
            }
            return claim;
        } catch (IOException e) {
            throw new UncheckedIOException("claim-check store %s cannot be written: %s".formatted(folder, e), e);
        }
    }

    private static void write(Path file, Blob bytes) throws IOException {
        Path parent = file.getParent();
        Files.createDirectories(parent);
        Path unfinished = Files.createTempFile(parent, "", UNFINISHED);
        try {
            try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
                ByteBuffer rest = bytes.buffer();
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.force(true);
            }
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    @Override
    public Blob redeem(ClaimCheck claim) {
        if (!claim.uri().toString().equals(URI_PREFIX + claim.sha256())) {
            throw new ClaimCheckException(
                    Reason.FOREIGN,
                    "claim %s is not of this store, whose claims are %s and the claim's own sha256"
                            .formatted(claim.uri(), URI_PREFIX));
        }
        refuseTooLarge(claim.size());
        try (InputStream in = Files.newInputStream(file(claim.sha256()))) {
            // One byte more than promised, so that a file that is too long shows.
            Blob bytes = Blob.wrap(in.readNBytes((int) Math.min(Integer.MAX_VALUE - 8, claim.size() + 1)));
            verify(claim, bytes);
            return bytes;
        } catch (NoSuchFileException e) {
            throw new ClaimCheckException(
                    Reason.GONE, "claim %s: the store %s no longer has it".formatted(claim.uri(), folder));
        } catch (IOException e) {
            throw new UncheckedIOException("claim-check store %s cannot be read: %s".formatted(folder, e), e);
        }
    }

    private static void verify(ClaimCheck claim, Blob bytes) {
        if (bytes.size() != claim.size()) {
            throw new ClaimCheckException(
                    Reason.CORRUPT,
                    "claim %s: the store's file is %s than the claimed %d bytes"
                            .formatted(claim.uri(), bytes.size() > claim.size() ? "longer" : "shorter", claim.size()));
        }
        String sha256 = bytes.sha256();
        if (!sha256.equals(claim.sha256())) {
            throw new ClaimCheckException(
                    Reason.CORRUPT, "claim %s: the store's file has sha256 %s".formatted(claim.uri(), sha256));
        }
    }

    private void refuseTooLarge(long size) {
        if (size > maxSize) {
            throw new ClaimCheckException(
                    Reason.TOO_LARGE, "%d bytes are more than the %d that the store takes".formatted(size, maxSize));
        }
    }

    private Path file(String sha256) {
        return folder.resolve(sha256.substring(0, 2)).resolve(sha256);
    }

    @Override
    public int removeOlderThan(Instant moment) {
        if (!Files.exists(folder)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(folder, 2)) {
            List<Path> all = files.filter(Files::isRegularFile).toList();
            int removed = 0;
            for (Path file : all) {
                if (Files.getLastModifiedTime(file).toInstant().isBefore(moment) && Files.deleteIfExists(file)) {
                    removed++;
                }
            }
            return removed;
        } catch (IOException e) {
            throw new UncheckedIOException("claim-check store %s cannot be cleaned: %s".formatted(folder, e), e);
        }
    }
}
