package io.kinora.kafka.record;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * Whose job it is, and when it is wanted.
 *
 * @param tenant who asks; tenants share the decoder fairly, whatever they ask
 * @param priority among the tenant's own jobs, -100 to 100: higher is served first
 * @param deadline when the result is no longer wanted
 */
public record JobOrder(String tenant, int priority, Optional<Instant> deadline) {
    /** Whoever names no tenant. */
    public static final String NO_TENANT = "default";

    /** Nobody's in particular, whenever there is time. */
    public static final JobOrder DEFAULT = new JobOrder(NO_TENANT, 0, Optional.empty());

    private static final int MOST_PRIORITY = 100;

    public JobOrder {
        Checks.id("tenant", tenant);
        Checks.range("priority", priority, -MOST_PRIORITY, MOST_PRIORITY);
        Objects.requireNonNull(deadline);
    }
}
