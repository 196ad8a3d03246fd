package io.kinora.training.world;

/** Which part of the world something is drawn from. */
public enum Split {
    /** What a model is trained on. */
    TRAIN,
    /** Combinations, phrasings and encodings that no model is trained on. */
    HELD_OUT
}
