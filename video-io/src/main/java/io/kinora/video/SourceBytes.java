package io.kinora.video;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A source's bytes at hand: in memory, in a file of the caller's, or in a temporary file that goes when this is closed. */
abstract sealed class SourceBytes implements OpenedParts.Part {
    private static final int READ_BYTES = 1 << 16;

    /**
     * Fetches a URL, checks that a file is one, and checks the number of bytes.
     *
     * @throws VideoException where one of these fails
     */
    static SourceBytes of(VideoSource source, DecodeLimits limits) {
        SourceBytes bytes;
        if (source instanceof VideoSource.OfBytes inMemory) {
            bytes = new InMemory(inMemory.array());
        } else if (source instanceof VideoSource.OfFile file) {
            bytes = new InFile(file.path(), sizeOf(source.name(), file.path()), false);
        } else {
            VideoSource.OfUrl url = (VideoSource.OfUrl) source;
            Path fetched = new UrlFetcher(url.policy()).fetch(url.uri(), limits);
            bytes = new InFile(fetched, sizeOf(source.name(), fetched), true);
        }
        limits.checkBytes(source.name(), bytes.size());
        if (bytes.size() == 0) {
            bytes.close();
            throw new UnreadableClipException("%s is empty".formatted(source.name()));
        }
        return bytes;
    }

    abstract long size();

    abstract ClipInput open(String name, Deadline deadline);

    abstract InputStream read() throws IOException;

    String sha256() {
        try (InputStream stream = read()) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[READ_BYTES];
            for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
                digest.update(buffer, 0, count);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new UnreadableClipException("the clip's bytes can no longer be read: " + e, e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static long sizeOf(String name, Path path) {
        if (!Files.isRegularFile(path)) {
            throw new UnreadableClipException(
                    Files.exists(path)
                            ? "%s is not a regular file".formatted(name)
                            : "%s does not exist".formatted(name));
        }
        try {
            return Files.size(path);
        } catch (IOException e) {
            throw new UnreadableClipException("%s cannot be read: %s".formatted(name, e), e);
        }
    }

    private static final class InMemory extends SourceBytes {
        private final byte[] bytes;

        private InMemory(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        long size() {
            return bytes.length;
        }

        @Override
        ClipInput open(String name, Deadline deadline) {
            return ClipInput.ofBytes(bytes);
        }

        @Override
        InputStream read() {
            return new java.io.ByteArrayInputStream(bytes);
        }

        @Override
        public void close() {
            // Nothing is held but the caller's array.
        }
    }

    private static final class InFile extends SourceBytes {
        private final Path path;
        private final long size;
        private final boolean temporary;

        private InFile(Path path, long size, boolean temporary) {
            this.path = path;
            this.size = size;
            this.temporary = temporary;
        }

        @Override
        long size() {
            return size;
        }

        @Override
        ClipInput open(String name, Deadline deadline) {
            return ClipInput.ofFile(name, path, deadline);
        }

        @Override
        InputStream read() throws IOException {
            return Files.newInputStream(path);
        }

        @Override
        public void close() {
            if (temporary) {
                try {
                    Files.deleteIfExists(path);
                } catch (IOException e) {
                    throw new UncheckedIOException("the temporary file %s cannot be deleted".formatted(path), e);
                }
            }
        }
    }
}
