package io.kinora.service.http;

import io.kinora.actors.answer.Conversation;
import io.kinora.kafka.clip.ClipGoneException;
import io.kinora.kafka.record.ClipReference;
import io.kinora.video.ClipFetchException;
import io.kinora.video.ClipLimitException;
import io.kinora.video.DecodeLimits;
import io.kinora.video.LoadedSource;
import io.kinora.video.VideoException;
import io.kinora.video.VideoSource;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;

/**
 * Clips and pictures as requests name them: an http(s) address, a {@code data:} URL, the id of an uploaded file, or {@code
 * kafka://topic/partition/offset}. Blocks while it fetches. Thread-safe.
 */
final class MediaReader {

    private static final Duration SOON = Duration.ofSeconds(2);
    private static final String DATA = "data:";
    private static final String BASE64 = ";base64,";
    private static final int SHOWN = 80;

    private final FileStore files;
    private final KafkaClips topics;
    private final DecodeLimits limits;

    MediaReader(FileStore files, KafkaClips topics, DecodeLimits limits) {
        this.files = files;
        this.topics = topics;
        this.limits = limits;
    }

    /** What may be decoded of a picture or clip. */
    DecodeLimits limits() {
        return limits;
    }

    /** A clip of which so many frames are looked at. */
    Conversation.Clip clip(String url, int frames, String param) {
        LoadedSource loaded = load(url, param);
        return new Conversation.Clip(loaded.source(), loaded.sha256(), frames, limits);
    }

    /** A still picture. */
    Conversation.Still still(String url, String param) {
        LoadedSource loaded = load(url, param);
        return new Conversation.Still(loaded.source(), loaded.sha256(), limits);
    }

    /** The bytes behind an address, checked as far as their size goes. */
    byte[] bytes(String url, String param) {
        return load(url, param).bytes();
    }

    /** The bytes of an uploaded file. */
    byte[] bytes(Path file, String param) {
        return load(VideoSource.file(file), param).bytes();
    }

    /** What an address names, its bytes counted and hashed. */
    LoadedSource load(String url, String param) {
        return load(source(url, param), param);
    }

    private LoadedSource load(VideoSource source, String param) {
        try {
            return LoadedSource.of(source, limits);
        } catch (ClipLimitException e) {
            throw ApiException.of(ApiException.Kind.TOO_LARGE, "media_too_large", String.valueOf(e.getMessage()))
                    .about(param);
        } catch (ClipFetchException e) {
            ApiException failure =
                    ApiException.of(ApiException.Kind.INVALID, "media_not_fetched", String.valueOf(e.getMessage()));
            throw (e.mayPass() ? failure.retryAfter(SOON) : failure).about(param);
        } catch (VideoException e) {
            throw ApiException.of(ApiException.Kind.INVALID, "media_unreadable", String.valueOf(e.getMessage()))
                    .about(param);
        }
    }

    private VideoSource source(String url, String param) {
        String scheme = url.toLowerCase(Locale.ROOT);
        if (scheme.startsWith("http://") || scheme.startsWith("https://")) {
            return VideoSource.url(address(url, param));
        }
        if (scheme.startsWith(DATA)) {
            return VideoSource.bytes(data(url, param));
        }
        if (scheme.startsWith("kafka://")) {
            return VideoSource.bytes(record(url, param));
        }
        if (url.startsWith(FileStore.ID_PREFIX)) {
            return VideoSource.file(files.content(url));
        }
        throw ApiException.invalid(
                param,
                "%s has to be an http or https address, a data: URL, the id of an uploaded file, or kafka://topic/partition/offset, got '%s'"
                        .formatted(param, url.length() <= SHOWN ? url : url.substring(0, SHOWN) + "…"));
    }

    private static URI address(String url, String param) {
        try {
            return new URI(url);
        } catch (URISyntaxException e) {
            throw ApiException.invalid(param, "%s is no address: %s".formatted(param, e.getReason()));
        }
    }

    private static byte[] data(String url, String param) {
        int comma = url.indexOf(',');
        if (comma < 0 || !url.substring(0, comma + 1).toLowerCase(Locale.ROOT).endsWith(BASE64)) {
            throw ApiException.invalid(
                    param, "%s is no data: URL in base64 (data:video/mp4;base64,…)".formatted(param));
        }
        return base64(url.substring(comma + 1), param);
    }

    /** Bytes in base64. */
    static byte[] base64(String text, String param) {
        try {
            return Base64.getMimeDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid(param, "%s is no base64: %s".formatted(param, e.getMessage()));
        }
    }

    private byte[] record(String url, String param) {
        try {
            return topics.read(reference(url, param))
                    .orElseThrow(() -> notFound("there is no clip at " + url, param))
                    .bytes();
        } catch (ClipGoneException e) {
            throw notFound(String.valueOf(e.getMessage()), param);
        }
    }

    private static ClipReference reference(String url, String param) {
        try {
            return ClipReference.parse(url);
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid(param, String.valueOf(e.getMessage()));
        }
    }

    private static ApiException notFound(String message, String param) {
        return ApiException.of(ApiException.Kind.NOT_FOUND, "clip_not_found", message)
                .about(param);
    }
}
