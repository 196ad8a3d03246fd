package io.kinora.service.doctor;

import java.util.Optional;

/**
 * What was found of one thing.
 *
 * @param name of the thing
 * @param state how it is
 * @param what was found
 * @param advice what to do about it; empty where all is well
 */
public record Finding(String name, State state, String what, Optional<String> advice) {
    /** How something is. */
    public enum State {
        /** As it should be. */
        OK,
        /** It works, and could be better. */
        WARNING,
        /** It keeps Kinora from working. */
        FAILED
    }

    static Finding ok(String name, String what) {
        return new Finding(name, State.OK, what, Optional.empty());
    }

    static Finding warning(String name, String what, String advice) {
        return new Finding(name, State.WARNING, what, Optional.of(advice));
    }

    static Finding failed(String name, String what, String advice) {
        return new Finding(name, State.FAILED, what, Optional.of(advice));
    }
}
