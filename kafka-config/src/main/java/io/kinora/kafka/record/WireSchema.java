package io.kinora.kafka.record;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The published JSON schemas (draft 2020-12), one for each record with a JSON body. */
public enum WireSchema {
    QUESTION("question"),
    PROMPT("prompt"),
    ANSWER("answer"),
    ANSWER_DELTA("answer-delta"),
    JOB_STATE("job-state"),
    CLAIM_CHECK("claim-check"),
    SUBSCRIPTION("subscription"),
    SUBSCRIPTION_STATE("subscription-state"),
    ALERT("alert"),
    LETTER_DECISION("letter-decision"),
    INSTRUCTION("instruction"),
    RESPONSE("response"),
    SESSION("session");

    private static final int VERSION = 1;

    private final String kind;

    WireSchema(String kind) {
        this.kind = kind;
    }

    /** The record's name in event types and schema ids, for example {@code answer-delta}. */
    public String kind() {
        return kind;
    }

    /** The schema's id, and the {@code ce_dataschema} of records that keep to it. */
    public String id() {
        return "urn:kinora:schema:" + kind + ":" + VERSION;
    }

    /** The schema itself, as JSON. */
    public String json() {
        String resource = kind + ".schema.json";
        try (InputStream in = WireSchema.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("resource %s is not on the class path".formatted(resource));
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
