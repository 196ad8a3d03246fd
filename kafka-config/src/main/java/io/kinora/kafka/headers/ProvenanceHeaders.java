package io.kinora.kafka.headers;

import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.MalformedRecordException.Code;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.ModelIdentity;
import io.kinora.kafka.record.VideoProvenance;
import java.util.function.Function;
import org.apache.kafka.common.header.Headers;

/** Provenance of a generated clip in headers named {@code kinora-…}, each value UTF-8 text. */
final class ProvenanceHeaders {
    static final String PREFIX = "kinora-";

    private ProvenanceHeaders() {}

    static void write(VideoProvenance provenance, Headers headers) {
        add(headers, "job-id", provenance.jobId());
        add(headers, "prompt", provenance.prompt());
        add(headers, "negative-prompt", provenance.negativePrompt());
        provenance.source().ifPresent(clip -> add(headers, "source", clip));
        add(headers, provenance.model());
        add(headers, "seed", provenance.seed());
        add(headers, "steps", provenance.steps());
        add(headers, "guidance", provenance.guidance());
        add(headers, "sampler", provenance.sampler());
        add(headers, "frames", provenance.frames());
        add(headers, "width", provenance.width());
        add(headers, "height", provenance.height());
        add(headers, "fps", provenance.fps());
    }

    /** @throws MalformedRecordException when one is missing or not of its type */
    static VideoProvenance read(Headers headers) {
        try {
            return new VideoProvenance(
                    text(headers, "job-id"),
                    text(headers, "prompt"),
                    text(headers, "negative-prompt"),
                    HeaderText.last(headers, PREFIX + "source").map(ClipReference::parse),
                    model(headers),
                    parsed(headers, "seed", Long::valueOf),
                    parsed(headers, "steps", Integer::valueOf),
                    parsed(headers, "guidance", Double::valueOf),
                    text(headers, "sampler"),
                    parsed(headers, "frames", Integer::valueOf),
                    parsed(headers, "width", Integer::valueOf),
                    parsed(headers, "height", Integer::valueOf),
                    parsed(headers, "fps", Integer::valueOf));
        } catch (IllegalArgumentException e) {
            throw new MalformedRecordException(Code.HEADER, "provenance: " + e.getMessage(), e);
        }
    }

    static void add(Headers headers, ModelIdentity model) {
        add(headers, "model", model.name());
        add(headers, "model-revision", model.revision());
        add(headers, "untrained", model.untrained());
    }

    static ModelIdentity model(Headers headers) {
        return new ModelIdentity(text(headers, "model"), text(headers, "model-revision"), bool(headers, "untrained"));
    }

    static void add(Headers headers, String name, Object value) {
        headers.add(PREFIX + name, HeaderText.bytes(value.toString()));
    }

    static String text(Headers headers, String name) {
        return HeaderText.last(headers, PREFIX + name)
                .orElseThrow(() -> new MalformedRecordException(
                        Code.HEADER, "provenance: header %s%s is missing".formatted(PREFIX, name)));
    }

    private static boolean bool(Headers headers, String name) {
        return parsed(headers, name, text -> {
            if (!text.equals("true") && !text.equals("false")) {
                throw new IllegalArgumentException("neither true nor false");
            }
            return Boolean.valueOf(text);
        });
    }

    static <T> T parsed(Headers headers, String name, Function<String, T> parser) {
        String text = text(headers, name);
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new MalformedRecordException(
                    Code.HEADER, "provenance: header %s%s is \"%s\": not of its type".formatted(PREFIX, name, text), e);
        }
    }
}
