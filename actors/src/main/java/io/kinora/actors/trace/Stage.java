package io.kinora.actors.trace;

import java.time.Duration;

/**
 * A stage of some work that is over, as one who was told of it knows it.
 *
 * @param name of its span, for example {@code llm.prefill}
 * @param took how long
 */
public record Stage(String name, Duration took) {}
