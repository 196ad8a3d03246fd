package io.kinora.service.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/** Moments as people write them. */
final class Times {
    private Times() {}

    /** An instant, a time without a zone (which is UTC), or an age before now. */
    static Instant instantOrAge(String text) {
        try {
            if (text.startsWith("P")) {
                return Instant.now().minus(Duration.parse(text));
            }
            return text.endsWith("Z")
                    ? Instant.parse(text)
                    : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            throw new BadInputException(
                    "\"%s\" is no time: expected 2026-11-22T10:00:00Z, 2026-11-22T10:00 (in UTC), or an age such as PT2H"
                            .formatted(text));
        }
    }
}
