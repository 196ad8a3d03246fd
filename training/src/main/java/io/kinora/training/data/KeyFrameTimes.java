package io.kinora.training.data;

import io.kinora.training.world.SceneRenderer;

/** Where key frames stand in a clip: each in the middle of an equal part of it. */
public final class KeyFrameTimes {
    private KeyFrameTimes() {}

    /** The moment, 0 to 1, of key frame {@code key} of {@code keys} in a clip of so many frames. */
    public static double moment(int key, int keys, int frames) {
        return SceneRenderer.moment((2 * key + 1) * frames / (2 * keys), frames);
    }
}
