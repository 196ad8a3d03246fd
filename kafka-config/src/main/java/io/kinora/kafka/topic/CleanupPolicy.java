package io.kinora.kafka.topic;

import java.util.Arrays;

/** What a broker does with old records. */
public enum CleanupPolicy {
    /** Deletes by age and size. */
    DELETE("delete"),
    /** Keeps the last record of each key. */
    COMPACT("compact");

    private final String kafkaName;

    CleanupPolicy(String kafkaName) {
        this.kafkaName = kafkaName;
    }

    /** The value of {@code cleanup.policy}. */
    public String kafkaName() {
        return kafkaName;
    }

    static CleanupPolicy of(String key, String name) {
        return Arrays.stream(values())
                .filter(policy -> policy.kafkaName.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "%s is \"%s\", allowed are delete and compact".formatted(key, name)));
    }
}
