package io.kinora.actors.session;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * How sessions are kept.
 *
 * @param keep how long a session in which nothing is asked is kept
 * @param idle how long it stays in memory
 */
public record SessionSettings(Duration keep, Duration idle) {
    /** Checks that both are longer than nothing. */
    public SessionSettings {
        positive("keep", keep);
        positive("idle", idle);
    }

    private static void positive(String key, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(
                    "kinora.sessions.%s is %s, must be longer than nothing".formatted(key, value));
        }
    }

    /**
     * Reads {@code kinora.sessions}.
     *
     * @param root the whole configuration
     * @throws com.typesafe.config.ConfigException when a key is missing or of another type
     */
    public static SessionSettings from(Config root) {
        Config sessions = root.getConfig("kinora.sessions");
        return new SessionSettings(sessions.getDuration("keep"), sessions.getDuration("idle"));
    }
}
