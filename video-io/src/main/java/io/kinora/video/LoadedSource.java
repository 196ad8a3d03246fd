package io.kinora.video;

import java.io.IOException;
import java.io.InputStream;

/**
 * A source whose bytes are in memory: fetched or read once, however often it is decoded afterwards.
 *
 * @param source the bytes
 * @param sha256 their SHA-256, 64 hexadecimal digits
 * @param size how many there are
 */
public record LoadedSource(VideoSource.OfBytes source, String sha256, long size) {
    /** The bytes themselves; not to be changed. */
    public byte[] bytes() {
        return source.array();
    }

    /**
     * Fetches or reads a source.
     *
     * @throws VideoException if that fails, or there are more bytes than allowed
     */
    public static LoadedSource of(VideoSource source, DecodeLimits limits) {
        try (SourceBytes bytes = SourceBytes.of(source, limits);
                InputStream stream = bytes.read()) {
            VideoSource.OfBytes inMemory =
                    source instanceof VideoSource.OfBytes held ? held : VideoSource.bytes(stream.readAllBytes());
            return new LoadedSource(inMemory, bytes.sha256(), bytes.size());
        } catch (IOException e) {
            throw new UnreadableClipException("%s can no longer be read: %s".formatted(source.name(), e), e);
        }
    }
}
