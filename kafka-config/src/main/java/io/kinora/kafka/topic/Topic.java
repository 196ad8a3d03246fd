package io.kinora.kafka.topic;

/** The topics by what they are for; their names on a cluster are the catalog's. */
public enum Topic {
    CLIPS("clips", true),
    QUESTIONS("questions", true),
    SUBSCRIPTIONS("subscriptions", true),
    ANSWERS("answers", false),
    PARTIAL_ANSWERS("partial-answers", false),
    PROMPTS("prompts", true),
    JOBS("jobs", false),
    VIDEOS("videos", false),
    ALERTS("alerts", false),
    SUBSCRIPTION_STATES("subscription-states", false),
    LETTER_DECISIONS("letter-decisions", false),
    INSTRUCTIONS("instructions", true),
    RESPONSES("responses", false),
    SESSIONS("sessions", false);

    private final String configKey;
    private final boolean input;

    Topic(String configKey, boolean input) {
        this.configKey = configKey;
        this.input = input;
    }

    /** The topic's key under {@code kinora.kafka.topics}. */
    String configKey() {
        return configKey;
    }

    /** True for what others write and Kinora reads: such a topic has a dead-letter topic. */
    public boolean isInput() {
        return input;
    }
}
