package io.kinora.kafka.record;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What a standing question does with clips whose turn comes late.
 *
 * @param policy what it does
 * @param oneOf for {@link Policy#ONE_OF_N} only: one clip of so many is asked about, 2 to 1,000,000
 * @param after a clip is late when the newest one of its stream is later than it by more, by the clips' own times; absent for {@link #DEFAULT_AFTER}
 */
public record WhenBehind(Policy policy, Optional<Integer> oneOf, Optional<Duration> after) {
    /** How late a clip may be where nothing is said. */
    public static final Duration DEFAULT_AFTER = Duration.ofSeconds(10);

    /** What can be done. */
    public enum Policy {
        /** Every clip is asked about, however late. */
        @JsonProperty("process-all")
        PROCESS_ALL,
        /** Late clips are passed over. */
        @JsonProperty("skip-to-latest")
        SKIP_TO_LATEST,
        /** Of late clips, one of n is asked about. */
        @JsonProperty("one-of-n")
        ONE_OF_N
    }

    /** Checks the ranges. */
    public WhenBehind {
        Objects.requireNonNull(policy);
        if ((policy == Policy.ONE_OF_N) != oneOf.isPresent()) {
            throw new IllegalArgumentException(
                    "whenBehind.oneOf goes with the policy one-of-n, and with no other: the policy is %s, oneOf %s"
                            .formatted(policy, oneOf.map(Object::toString).orElse("absent")));
        }
        oneOf.ifPresent(n -> Checks.range("whenBehind.oneOf", n, 2, 1_000_000));
        after.ifPresent(time -> Checks.time("whenBehind.after", time, Subscription.AlertRule.LONGEST));
    }

    /** How late a clip may be. */
    public Duration tolerance() {
        return after.orElse(DEFAULT_AFTER);
    }
}
