package io.kinora.training.stage;

import io.kinora.training.world.SceneRenderer;

/** Where key frames stand in a clip: each in the middle of an equal part of it. */
final class KeyFrameTimes {
    private KeyFrameTimes() {}

    /** The moment, 0 to 1, of key frame {@code key} of {@code keys} in a clip of so many frames. */
    static double moment(int key, int keys, int frames) {
        return SceneRenderer.moment((2 * key + 1) * frames / (2 * keys), frames);
    }
}
