package io.kinora.actors.shard;

import io.kinora.actors.serialization.KryoMessage;
import java.util.List;

/** A form that an answer is held to while it is decoded: whatever the model would rather say, no other answer can come out. */
public sealed interface AnswerForm extends KryoMessage {
    /**
     * ModaVerse's meta-response.
     *
     * @param modalities what may be asked for: {@code text}, {@code image}, {@code audio}, {@code video}
     * @param most how many invocations may follow each other
     */
    record MetaResponses(List<String> modalities, int most) implements AnswerForm {
        /** Checks that something may come. */
        public MetaResponses {
            modalities = List.copyOf(modalities);
            if (modalities.isEmpty() || most < 1) {
                throw new IllegalArgumentException("a meta-response has at least one modality and one invocation");
            }
        }
    }

    /**
     * JSON that fits a schema.
     *
     * @param schema as JSON
     */
    record JsonSchema(String schema) implements AnswerForm {}

    /** Any JSON object. */
    record JsonObject() implements AnswerForm {}
}
