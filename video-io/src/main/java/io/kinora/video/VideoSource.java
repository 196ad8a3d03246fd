package io.kinora.video;

import java.net.URI;
import java.nio.file.Path;

/** Where a clip's bytes come from. */
public sealed interface VideoSource {
    /** A regular file; anything else (a pipe, a device, a folder) is refused when it is opened. */
    static VideoSource file(Path path) {
        return new OfFile(path);
    }

    /** A whole file in memory. The array is not copied: do not change it while the source is in use. */
    static OfBytes bytes(byte[] bytes) {
        return new OfBytes(bytes);
    }

    /** A public http or https address without redirects; see {@link FetchPolicy#defaults()}. */
    static VideoSource url(URI uri) {
        return new OfUrl(uri, FetchPolicy.defaults());
    }

    /** An http or https address under a policy of the caller. */
    static VideoSource url(URI uri, FetchPolicy policy) {
        return new OfUrl(uri, policy);
    }

    /** How messages call it. */
    String name();

    /** A file on disk. */
    record OfFile(Path path) implements VideoSource {
        @Override
        public String name() {
            return path.getFileName() == null
                    ? path.toString()
                    : path.getFileName().toString();
        }
    }

    /** Bytes in memory. */
    final class OfBytes implements VideoSource {
        private final byte[] bytes;

        private OfBytes(byte[] bytes) {
            this.bytes = bytes;
        }

        byte[] array() {
            return bytes;
        }

        @Override
        public String name() {
            return "clip of %,d bytes".formatted(bytes.length);
        }
    }

    /** An http(s) address and what may be fetched. */
    record OfUrl(URI uri, FetchPolicy policy) implements VideoSource {
        /** The address without user information, query and fragment, which may hold secrets. */
        @Override
        public String name() {
            return FetchPolicy.shown(uri);
        }
    }
}
