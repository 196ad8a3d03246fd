package io.kinora.service.http;

import akka.actor.typed.ActorSystem;
import akka.http.javadsl.model.HttpEntity;
import akka.http.javadsl.model.Multipart;
import akka.http.javadsl.unmarshalling.Unmarshaller;
import akka.http.scaladsl.model.EntityStreamSizeException;
import akka.japi.Pair;
import akka.stream.Materializer;
import akka.stream.javadsl.FileIO;
import akka.stream.javadsl.Sink;
import akka.util.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** A {@code multipart/form-data} body: texts in memory, files in temporary files that go when this is closed. */
final class MultipartForm implements AutoCloseable {
    private static final int MOST_PARTS = 256;
    private static final long LONGEST_TEXT = 1 << 20;

    /** A file part: its bytes, and what the client called it. */
    record Upload(String fileName, String contentType, Path content) {}

    private final Map<String, String> texts = new LinkedHashMap<>();
    private final Map<String, Upload> uploads = new LinkedHashMap<>();
    private final List<Path> temporary = new ArrayList<>();

    private MultipartForm() {}

    /** Reads a body, part by part. If that fails, nothing is left behind. */
    static CompletionStage<MultipartForm> read(HttpEntity entity, ActorSystem<?> system) {
        Materializer materializer = Materializer.createMaterializer(system);
        MultipartForm form = new MultipartForm();
        return Unmarshaller.entityToMultipartFormData()
                .unmarshal(entity, system.executionContext(), materializer)
                .thenCompose(data -> data.getParts()
                        .zipWithIndex()
                        .mapAsync(1, part -> form.keep(counted(part), materializer))
                        .runWith(Sink.ignore(), materializer))
                .handle((done, failure) -> {
                    materializer.shutdown();
                    if (failure != null) {
                        form.close();
                        throw malformed(failure);
                    }
                    return form;
                });
    }

    private static Multipart.FormData.BodyPart counted(Pair<?, Long> part) {
        if (part.second() >= MOST_PARTS) {
            throw tooLarge(
                    "too_many_parts", "the form has more than the %d parts that are allowed".formatted(MOST_PARTS));
        }
        return (Multipart.FormData.BodyPart) part.first();
    }

    private static ApiException tooLarge(String code, String message) {
        return ApiException.of(ApiException.Kind.TOO_LARGE, code, message);
    }

    private static RuntimeException malformed(Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return cause instanceof ApiException known
                ? known
                : cause instanceof EntityStreamSizeException
                        ? new CompletionException(cause)
                        : ApiException.of(
                                ApiException.Kind.INVALID,
                                "invalid_multipart",
                                "the body is no multipart/form-data: " + cause.getMessage());
    }

    private CompletionStage<Pair<String, Long>> keep(Multipart.FormData.BodyPart part, Materializer materializer) {
        Optional<String> fileName = part.getFilename();
        if (fileName.isPresent()) {
            // It is there already, and not made again: a form that fails is closed while a part may still be on its
            // way.
            Path file = temporaryFile();
            return part.getEntity()
                    .getDataBytes()
                    .runWith(FileIO.toPath(file, Set.of(StandardOpenOption.WRITE)), materializer)
                    .thenApply(written -> {
                        uploads.put(
                                part.getName(),
                                new Upload(
                                        fileName.get(),
                                        part.getEntity().getContentType().toString(),
                                        file));
                        return Pair.create(part.getName(), written.getCount());
                    });
        }
        return part.getEntity()
                .getDataBytes()
                .runFold(
                        ByteString.emptyByteString(),
                        (text, bytes) -> longer(part.getName(), text, bytes),
                        materializer)
                .thenApply(bytes -> {
                    texts.put(part.getName(), bytes.utf8String());
                    return Pair.create(part.getName(), (long) bytes.size());
                });
    }

    private static ByteString longer(String name, ByteString text, ByteString bytes) {
        if (text.size() + bytes.size() > LONGEST_TEXT) {
            throw tooLarge(
                            "field_too_large",
                            "the field %s has more than the %,d bytes that are allowed; files need a filename"
                                    .formatted(name, LONGEST_TEXT))
                    .about(name);
        }
        return text.concat(bytes);
    }

    private synchronized Path temporaryFile() {
        try {
            Path file = Files.createTempFile(
                    "kinora-upload-%d-".formatted(ProcessHandle.current().pid()), ".part");
            temporary.add(file);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary file can be made", e);
        }
    }

    /** What tells this form from others: its texts, and the lengths of its files. */
    byte[] fingerprint() {
        StringBuilder all = new StringBuilder(texts.toString());
        uploads.forEach((name, upload) -> all.append(name)
                .append(upload.fileName())
                .append(upload.content().toFile().length()));
        return all.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Texts by name. */
    Map<String, String> texts() {
        return texts;
    }

    /** The file of that name. */
    Optional<Upload> upload(String name) {
        return Optional.ofNullable(uploads.get(name));
    }

    @Override
    public synchronized void close() {
        for (Path file : temporary) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot delete " + file, e);
            }
        }
    }
}
