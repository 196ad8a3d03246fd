package io.kinora.actors.compose;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** A form with files, as RFC 7578 writes it. Not thread-safe. */
final class MultipartBody {
    private final String boundary = "kinora-" + UUID.randomUUID();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** With a field; names and values are ours, or a prompt: nothing in them can end the part but the boundary, which nobody knows. */
    MultipartBody text(String name, String value) {
        return part("form-data; name=\"%s\"".formatted(name), "text/plain; charset=utf-8", utf8(value));
    }

    /** With a file. */
    MultipartBody file(String name, String fileName, String type, byte... content) {
        return part("form-data; name=\"%s\"; filename=\"%s\"".formatted(name, fileName), type, content);
    }

    private MultipartBody part(String disposition, String type, byte... content) {
        bytes.writeBytes(utf8(
                "--%s\r\nContent-Disposition: %s\r\nContent-Type: %s\r\n\r\n".formatted(boundary, disposition, type)));
        bytes.writeBytes(content);
        bytes.writeBytes(utf8("\r\n"));
        return this;
    }

    /** The header that goes with it. */
    String contentType() {
        return "multipart/form-data; boundary=" + boundary;
    }

    /** All of it, ended. */
    byte[] body() {
        ByteArrayOutputStream ended = new ByteArrayOutputStream();
        ended.writeBytes(bytes.toByteArray());
        ended.writeBytes(utf8("--%s--\r\n".formatted(boundary)));
        return ended.toByteArray();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
