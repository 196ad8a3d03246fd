package io.kinora.decoder.unet;

/** Which key frames' embeddings a generated frame attends to. */
public enum KeyFrames {
    /** Those of the key frame nearest in time, the key frames standing evenly over the clip. */
    NEAREST,
    /** Those of all key frames together. */
    ALL
}
