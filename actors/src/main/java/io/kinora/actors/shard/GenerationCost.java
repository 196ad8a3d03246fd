package io.kinora.actors.shard;

import io.kinora.actors.serialization.KryoMessage;
import java.time.Duration;

/**
 * What a generation took.
 *
 * @param promptRows positions of the prompt
 * @param reusedRows of these, positions whose keys and values were there already
 * @param queued from the request until its first step
 * @param prefill from its first step until its first result
 * @param generate from its first result until the end
 */
public record GenerationCost(int promptRows, int reusedRows, Duration queued, Duration prefill, Duration generate)
        implements KryoMessage {}
