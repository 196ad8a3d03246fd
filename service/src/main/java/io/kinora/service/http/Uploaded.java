package io.kinora.service.http;

import akka.http.javadsl.model.ContentType;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaTypes;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;

/** {@code /v1/files}: files that clients upload. Blocks. */
final class Uploaded {
    private final FileStore files;

    Uploaded(FileStore files) {
        this.files = files;
    }

    HttpResponse list() {
        List<FileStore.Stored> stored = files.list();
        ObjectNode list = Json.MAPPER.createObjectNode().put("object", "list");
        ArrayNode data = list.putArray("data");
        stored.forEach(file -> data.add(FileStore.describe(file)));
        list.put("first_id", stored.isEmpty() ? null : stored.get(0).id());
        list.put(
                "last_id",
                stored.isEmpty() ? null : stored.get(stored.size() - 1).id());
        list.put("has_more", false);
        return Replies.json(list);
    }

    HttpResponse get(String id) {
        return Replies.json(FileStore.describe(files.get(id)));
    }

    HttpResponse keep(MultipartForm form) {
        MultipartForm.Upload upload = form.upload("file").orElseThrow(() -> ApiException.of(
                        ApiException.Kind.INVALID, "missing_required_parameter", "a part named file is required")
                .about("file"));
        String purpose = form.texts().getOrDefault("purpose", "user_data");
        return Replies.json(FileStore.describe(files.keep(upload.content(), upload.fileName(), purpose)));
    }

    HttpResponse delete(String id) {
        files.delete(id);
        return Replies.json(Json.MAPPER
                .createObjectNode()
                .put("id", id)
                .put("object", "file")
                .put("deleted", true));
    }

    HttpResponse content(String id) {
        return HttpResponse.create()
                .withEntity(HttpEntities.create(
                        type(files.get(id).name()), files.content(id).toFile()));
    }

    /** By the ending of its name, for media that browsers play; anything else is bytes and nothing that a browser would run. */
    private static ContentType type(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return switch (lower.substring(lower.lastIndexOf('.') + 1)) {
            case "png" -> ContentTypes.create(MediaTypes.IMAGE_PNG);
            case "jpg", "jpeg" -> ContentTypes.create(MediaTypes.IMAGE_JPEG);
            case "mp4" -> ContentTypes.create(MediaTypes.VIDEO_MP4);
            case "wav" -> ContentTypes.create(MediaTypes.AUDIO_WAV);
            case "ogg" -> ContentTypes.create(MediaTypes.AUDIO_OGG);
            default -> ContentTypes.APPLICATION_OCTET_STREAM;
        };
    }
}
