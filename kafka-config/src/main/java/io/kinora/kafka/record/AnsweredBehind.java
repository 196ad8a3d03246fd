package io.kinora.kafka.record;

import java.time.Duration;
import java.util.Objects;

/**
 * What became of a stream's clips while the service was behind.
 *
 * @param policy of the standing question
 * @param lag from the clip to the newest one of its stream when its turn came, by the clips' own times; in JSON, seconds
 * @param skipped clips of the stream that were passed over since the last answer
 */
public record AnsweredBehind(WhenBehind.Policy policy, Duration lag, int skipped) {
    /** Checks the ranges. */
    public AnsweredBehind {
        Objects.requireNonNull(policy);
        Checks.notNegative("behind.skipped", skipped);
        if (lag.isNegative()) {
            throw new IllegalArgumentException("behind.lag is %s, must not be negative".formatted(lag));
        }
    }
}
