package io.kinora.actors.pipeline;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValue;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How jobs are kept and dealt out.
 *
 * @param atOnce jobs that a node lets in at once: one more than its decoder makes at once, so that the next one is ready
 * @param keep how long a job that has ended is kept
 * @param weights shares of tenants whose share of the decoder is not 1
 */
public record JobSettings(int atOnce, Duration keep, Map<String, Double> weights) {
    /** Checks that jobs get anywhere. */
    public JobSettings {
        weights = Map.copyOf(weights);
        if (atOnce < 1) {
            throw new IllegalArgumentException("kinora.jobs.at-once is %d, need at least 1".formatted(atOnce));
        }
        if (keep.isNegative() || keep.isZero()) {
            throw new IllegalArgumentException("kinora.jobs.keep is %s, must be longer than nothing".formatted(keep));
        }
        weights.forEach((tenant, weight) -> {
            if (!(weight > 0)) {
                throw new IllegalArgumentException(
                        "kinora.jobs.weights.%s is %s, must be above 0".formatted(tenant, weight));
            }
        });
    }

    /**
     * Reads {@code kinora.jobs}.
     *
     * @param root the whole configuration
     * @throws com.typesafe.config.ConfigException when a key is missing or of another type
     */
    public static JobSettings from(Config root) {
        Config jobs = root.getConfig("kinora.jobs");
        Config weights = jobs.getConfig("weights");
        return new JobSettings(
                jobs.getInt("at-once"),
                jobs.getDuration("keep"),
                weights.root().entrySet().stream()
                        .collect(Collectors.toMap(
                                Map.Entry::getKey, entry -> number(entry.getKey(), entry.getValue()))));
    }

    private static double number(String tenant, ConfigValue value) {
        if (value.unwrapped() instanceof Number number) {
            return number.doubleValue();
        }
        throw new IllegalArgumentException(
                "kinora.jobs.weights.%s is %s, expected a number".formatted(tenant, value.unwrapped()));
    }
}
