package io.kinora.actors.cluster;

import java.util.Arrays;
import java.util.Locale;

/** What a node of a cluster does. */
public enum Role {
    /** Reads the topics: questions, clips, prompts, instructions. */
    INGEST,
    /** Encodes what is seen: frames of clips and pictures to embeddings. */
    ENCODER,
    /** Has room for stages of the language model. */
    LLM,
    /** Renders: clips and pictures from prompts. */
    DECODER,
    /** Serves HTTP. */
    API;

    /** As it is written in the configuration, and as the cluster knows it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Role named(String label) {
        return Arrays.stream(values())
                .filter(role -> role.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("kinora.cluster.roles has %s, allowed are %s"
                        .formatted(
                                label, Arrays.stream(values()).map(Role::label).toList())));
    }
}
