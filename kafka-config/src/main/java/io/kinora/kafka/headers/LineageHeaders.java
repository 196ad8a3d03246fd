package io.kinora.kafka.headers;

import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.MalformedRecordException.Code;
import io.kinora.kafka.record.AnswerModality;
import io.kinora.kafka.record.GeneratedMedium;
import java.util.List;
import org.apache.kafka.common.header.Headers;

/** Lineage of what was made for an instruction, in headers named as {@link ProvenanceHeaders} names those of a job's clip. */
final class LineageHeaders {
    private static final String MODALITY = "modality";

    private LineageHeaders() {}

    static void write(GeneratedMedium.Lineage lineage, Headers headers) {
        ProvenanceHeaders.add(headers, "request-id", lineage.requestId());
        ProvenanceHeaders.add(headers, "part", lineage.part());
        ProvenanceHeaders.add(headers, "file", lineage.file());
        ProvenanceHeaders.add(headers, MODALITY, lineage.modality().label());
        ProvenanceHeaders.add(headers, "meta-response", lineage.metaResponse());
        ProvenanceHeaders.add(headers, "prompt", lineage.prompt());
        ProvenanceHeaders.add(headers, lineage.model());
        ProvenanceHeaders.add(headers, "generator", lineage.generator());
        ProvenanceHeaders.add(headers, "seed", lineage.seed());
        ProvenanceHeaders.add(headers, "media", String.join(" ", lineage.media()));
        lineage.changed().ifPresent(sha256 -> ProvenanceHeaders.add(headers, "changed", sha256));
    }

    /** True for a record that has a lineage, as opposed to a job's clip. */
    static boolean has(Headers headers) {
        return HeaderText.last(headers, ProvenanceHeaders.PREFIX + MODALITY).isPresent();
    }

    /** @throws MalformedRecordException when one is missing or not of its type */
    static GeneratedMedium.Lineage read(Headers headers) {
        try {
            return new GeneratedMedium.Lineage(
                    ProvenanceHeaders.text(headers, "request-id"),
                    ProvenanceHeaders.parsed(headers, "part", Integer::valueOf),
                    ProvenanceHeaders.parsed(headers, "file", Integer::valueOf),
                    ProvenanceHeaders.parsed(headers, MODALITY, AnswerModality::labelled),
                    ProvenanceHeaders.text(headers, "meta-response"),
                    ProvenanceHeaders.text(headers, "prompt"),
                    ProvenanceHeaders.model(headers),
                    ProvenanceHeaders.text(headers, "generator"),
                    ProvenanceHeaders.parsed(headers, "seed", Long::valueOf),
                    media(ProvenanceHeaders.text(headers, "media")),
                    HeaderText.last(headers, ProvenanceHeaders.PREFIX + "changed"));
        } catch (IllegalArgumentException e) {
            throw new MalformedRecordException(Code.HEADER, "lineage: " + e.getMessage(), e);
        }
    }

    private static List<String> media(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(" ", -1));
    }
}
