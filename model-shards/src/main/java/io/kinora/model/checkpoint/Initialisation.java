package io.kinora.model.checkpoint;

/** Which random values a model starts with. */
public enum Initialisation {
    /** Those that training starts with: norms 1, biases 0, zero-started layers 0, the rest normal. */
    TRAINING,
    /** Everything random, as in a trained checkpoint: zeros and ones would hide a bias or a norm that is not applied. */
    TRAINED
}
