package io.kinora.kafka.record;

/**
 * An answer's place in a conversation.
 *
 * @param id which conversation
 * @param turn its number in it, from 1
 * @param forgotten how many of the oldest turns the model did not see any more
 */
public record AnsweredSession(String id, int turn, int forgotten) {
    /** Checks the ranges. */
    public AnsweredSession {
        Checks.id("session.id", id);
        Checks.range("session.turn", turn, 1, Integer.MAX_VALUE);
        Checks.notNegative("session.forgotten", forgotten);
    }
}
