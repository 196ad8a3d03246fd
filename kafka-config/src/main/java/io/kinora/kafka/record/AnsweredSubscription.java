package io.kinora.kafka.record;

/**
 * Which standing question an answer is to.
 *
 * @param id the subscription's
 * @param version of its question
 */
public record AnsweredSubscription(String id, String version) {
    /** Checks both. */
    public AnsweredSubscription {
        Checks.id("subscription.id", id);
        Checks.id("subscription.version", version);
    }
}
