package io.kinora.model.modaverse;

import io.kinora.model.audio.Waveform;
import io.kinora.model.modaverse.imagebind.SoundClips;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;

/** A medium in the form in which the encoder takes it. */
public sealed interface Medium {
    /** What it is. */
    MediaKind kind();

    /** A still picture: normalised pixels {@code [1, 3, 224, 224]}. */
    record Picture(Tensor pixels) implements Medium {
        @Override
        public MediaKind kind() {
            return MediaKind.IMAGE;
        }
    }

    /** A clip: its views {@code [15, 3, 2, 224, 224]}. */
    record Clip(Tensor views) implements Medium {
        @Override
        public MediaKind kind() {
            return MediaKind.VIDEO;
        }
    }

    /** A sound: the bands of its pieces {@code [3, 1, 128, 204]}. */
    record Sound(Tensor mel) implements Medium {
        @Override
        public MediaKind kind() {
            return MediaKind.AUDIO;
        }

        /** The bands of a sound of any rate. */
        public static Sound of(Waveform waveform, Engine engine) {
            return new Sound(new SoundClips().mel(waveform, engine));
        }
    }
}
