package io.kinora.kafka.record;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Why an answer ended. */
public enum FinishReason {
    /** The model ended its answer. */
    @JsonProperty("stop")
    STOP,
    /** The ceiling of new tokens was reached. */
    @JsonProperty("length")
    LENGTH,
    /** The caller went away or took the question back. */
    @JsonProperty("cancelled")
    CANCELLED,
    /** There is no answer; the error says why. */
    @JsonProperty("error")
    ERROR
}
