package io.kinora.service.cli;

import io.kinora.kafka.record.Blob;
import io.kinora.video.DecodeLimits;
import io.kinora.video.VideoClip;
import io.kinora.video.VideoSource;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** A clip as it is named on a command line: a file, or an http(s) address. */
final class ClipArgument {
    private static final Pattern ADDRESS = Pattern.compile("(?i)https?://.*");

    private final String text;

    ClipArgument(String text) {
        this.text = text;
    }

    /**
     * Where its bytes are.
     *
     * @throws NoSuchFileException if it names no file
     */
    VideoSource source() throws NoSuchFileException {
        if (ADDRESS.matcher(text).matches()) {
            return VideoSource.url(address());
        }
        return VideoSource.file(file());
    }

    private URI address() {
        try {
            return URI.create(text);
        } catch (IllegalArgumentException e) {
            throw new BadInputException("'%s' is no address: %s".formatted(text, e.getMessage()));
        }
    }

    private Path file() throws NoSuchFileException {
        Path path = Path.of(text);
        if (!Files.exists(path)) {
            throw new NoSuchFileException(text);
        }
        return path;
    }

    /** The bytes of the file it names. */
    Blob bytes() throws IOException {
        return Blob.wrap(Files.readAllBytes(file()));
    }

    /** SHA-256 of its bytes; fetches them where it is an address. */
    String sha256() throws NoSuchFileException {
        try (VideoClip clip = VideoClip.open(source(), DecodeLimits.defaults())) {
            return clip.sha256();
        }
    }
}
