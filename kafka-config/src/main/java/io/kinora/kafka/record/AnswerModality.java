package io.kinora.kafka.record;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a part of a {@link Response} is made of. */
public enum AnswerModality {
    @JsonProperty("text")
    TEXT("text"),
    @JsonProperty("image")
    IMAGE("image"),
    @JsonProperty("audio")
    AUDIO("audio"),
    @JsonProperty("video")
    VIDEO("video");

    private final String label;

    AnswerModality(String label) {
        this.label = label;
    }

    /** As records write it. */
    public String label() {
        return label;
    }

    /**
     * The one of this label.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static AnswerModality labelled(String label) {
        for (AnswerModality modality : values()) {
            if (modality.label.equals(label)) {
                return modality;
            }
        }
        throw new IllegalArgumentException(
                "modality is \"%s\", allowed are text, image, audio and video".formatted(label));
    }
}
