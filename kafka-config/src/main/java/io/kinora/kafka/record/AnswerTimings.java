package io.kinora.kafka.record;

import java.time.Duration;

/**
 * Where the time of one answer went; in JSON, seconds. A stage that was served from a cache took zero.
 *
 * @param decode the clip's bytes to sampled frames
 * @param encode frames to embeddings
 * @param prefill the prompt through the language model
 * @param generate the new tokens
 * @param total from reading the question to the answer, waiting included
 */
public record AnswerTimings(Duration decode, Duration encode, Duration prefill, Duration generate, Duration total) {
    public static final AnswerTimings NONE =
            new AnswerTimings(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);

    public AnswerTimings {
        notNegative("timings.decode", decode);
        notNegative("timings.encode", encode);
        notNegative("timings.prefill", prefill);
        notNegative("timings.generate", generate);
        notNegative("timings.total", total);
    }

    private static void notNegative(String field, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException("%s is %s, must not be negative".formatted(field, value));
        }
    }
}
