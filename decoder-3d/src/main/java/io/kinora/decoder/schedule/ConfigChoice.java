package io.kinora.decoder.schedule;

/** One of the values that a setting may have. */
interface ConfigChoice {
    /** How {@code scheduler_config.json} spells it. */
    String configName();
}
