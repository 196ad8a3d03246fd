package io.kinora.service.http;

import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.headers.RawHeader;
import akka.util.ByteString;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.clip.ClipGoneException;
import io.kinora.kafka.clip.ClipIndex;
import io.kinora.kafka.clip.IndexedClip;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.ClipReference;
import io.kinora.video.DecodeLimits;
import io.kinora.video.FrameSampler;
import io.kinora.video.RgbFrame;
import io.kinora.video.StillImage;
import io.kinora.video.VideoException;
import io.kinora.video.VideoSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code /v1/streams} and {@code /v1/clips}: what has come, as far as it is remembered. Blocks. Thread-safe. */
final class Streams {
    private static final int THUMBNAIL_SIDE = 240;
    private static final int JPEG_QUALITY = 80;
    private static final int THUMBNAILS_KEPT = 256;
    private static final String MP4 = "video/mp4";

    private final ClipIndex index;
    private final KafkaClips clips;
    private final DecodeLimits limits;
    private final Map<ClipReference, ByteString> thumbnails =
            Collections.synchronizedMap(new LinkedHashMap<>(THUMBNAILS_KEPT, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<ClipReference, ByteString> eldest) {
                    return size() > THUMBNAILS_KEPT;
                }
            });

    Streams(ClipIndex index, KafkaClips clips, DecodeLimits limits) {
        this.index = index;
        this.clips = clips;
        this.limits = limits;
    }

    /** The streams, the most recently active first, each with its newest clip. */
    HttpResponse list() {
        List<String> streams = new ArrayList<>(index.streams());
        Collections.reverse(streams);
        ObjectNode list = Json.MAPPER.createObjectNode().put("object", "list");
        ArrayNode data = list.putArray("data");
        for (String stream : streams) {
            List<IndexedClip> recent = index.recent(stream);
            ObjectNode described =
                    data.addObject().put("id", stream).put("object", "stream").put("clips", recent.size());
            recent.stream().findFirst().ifPresent(latest -> described.set("latest", describe(latest)));
        }
        return Replies.json(list);
    }

    /** A stream's clips, newest first. */
    HttpResponse clips(String stream) {
        List<IndexedClip> recent = index.recent(stream);
        if (recent.isEmpty()) {
            throw ApiException.of(
                    ApiException.Kind.NOT_FOUND, "stream_not_found", "there is no clip of '%s'".formatted(stream));
        }
        ObjectNode list = Json.MAPPER.createObjectNode().put("object", "list");
        ArrayNode data = list.putArray("data");
        recent.forEach(clip -> data.add(describe(clip)));
        return Replies.json(list);
    }

    /** A clip as it came. */
    HttpResponse content(List<String> place) {
        ClipReference reference = reference(place);
        String type = index.recent(streamOf(reference)).stream()
                .filter(clip -> clip.reference().equals(reference))
                .flatMap(clip -> clip.mediaType().stream())
                .findFirst()
                .orElse(MP4);
        return HttpResponse.create()
                // Whatever a producer says it is: a browser shall not take it for a page.
                .addHeader(RawHeader.create("x-content-type-options", "nosniff"))
                .addHeader(RawHeader.create("content-security-policy", "sandbox"))
                .withEntity(HttpEntities.create(
                        ContentTypes.parse(type.startsWith("video/") ? type : MP4),
                        ByteString.fromArray(bytes(reference).bytes())));
    }

    private String streamOf(ClipReference reference) {
        return index.withId(reference.defaultId()).map(IndexedClip::stream).orElse("");
    }

    /** A small picture of a clip. */
    HttpResponse thumbnail(List<String> place) {
        ClipReference reference = reference(place);
        ByteString jpeg = thumbnails.get(reference);
        if (jpeg == null) {
            jpeg = ByteString.fromArray(picture(bytes(reference)));
            thumbnails.put(reference, jpeg);
        }
        return HttpResponse.create()
                .addHeader(RawHeader.create("cache-control", "private, max-age=86400, immutable"))
                .withEntity(HttpEntities.create(ContentTypes.create(MediaTypes.IMAGE_JPEG), jpeg));
    }

    private byte[] picture(Blob clip) {
        try {
            RgbFrame frame = FrameSampler.uniform(1)
                    .sample(VideoSource.bytes(clip.bytes()), limits)
                    .frames()
                    .get(0)
                    .image();
            return StillImage.jpeg(StillImage.thumbnail(frame, THUMBNAIL_SIDE, THUMBNAIL_SIDE), JPEG_QUALITY);
        } catch (VideoException e) {
            throw ApiException.of(ApiException.Kind.INVALID, "media_unreadable", String.valueOf(e.getMessage()));
        }
    }

    private Blob bytes(ClipReference reference) {
        try {
            return clips.read(reference).orElseThrow(() -> gone("there is no clip at " + reference));
        } catch (ClipGoneException | MalformedRecordException e) {
            throw gone(String.valueOf(e.getMessage()));
        }
    }

    private static ClipReference reference(List<String> place) {
        try {
            return ClipReference.parse("kafka://" + String.join("/", place));
        } catch (IllegalArgumentException e) {
            throw gone(String.valueOf(e.getMessage()));
        }
    }

    private static ApiException gone(String message) {
        return ApiException.of(ApiException.Kind.NOT_FOUND, "clip_not_found", message);
    }

    private static ObjectNode describe(IndexedClip clip) {
        ObjectNode described = Json.MAPPER
                .createObjectNode()
                .put("id", clip.id())
                .put("object", "clip")
                .put("stream", clip.stream())
                .put("clip", clip.reference().toString())
                .put("at", clip.at().toString())
                .put("bytes", clip.size());
        return described.put("media_type", clip.mediaType().orElse(null));
    }
}
