package io.kinora.model.modaverse;

import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.modaverse.imagebind.AudioEncoder;
import io.kinora.model.modaverse.imagebind.ImageBindFile;
import io.kinora.model.modaverse.imagebind.VisionEncoder;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.Optional;

/**
 * ImageBind as ModaVerse uses it: one embedding for each medium. A clip's is the mean of its views' (15), a sound's of its pieces' (3);
 * means are not scaled again.
 *
 * <p>Letters: E channels of an embedding. Confined to one thread at a time, as its weights' source is.
 */
public final class MediaEncoder implements AutoCloseable {
    private final Checkpoint visionTensors;
    private final Checkpoint audioTensors;
    private final VisionEncoder vision;
    private final AudioEncoder audio;

    private MediaEncoder(Checkpoint visionTensors, Checkpoint audioTensors, VisionEncoder vision, AudioEncoder audio) {
        this.visionTensors = visionTensors;
        this.audioTensors = audioTensors;
        this.vision = vision;
        this.audio = audio;
    }

    /**
     * Takes the tensors of both trunks.
     *
     * @throws io.kinora.model.checkpoint.CheckpointException if they do not fit the sizes
     */
    public static MediaEncoder open(ImageBindFile file, Engine engine) {
        Checkpoint vision = file.openVision(engine);
        try {
            Checkpoint audio = file.openAudio(engine);
            try {
                return new MediaEncoder(
                        vision,
                        audio,
                        vision.load(weights -> new VisionEncoder(weights, file.config(), Optional.empty())),
                        audio.load(weights -> new AudioEncoder(weights, file.config(), Optional.empty())));
            } catch (RuntimeException e) {
                audio.close();
                throw e;
            }
        } catch (RuntimeException e) {
            vision.close();
            throw e;
        }
    }

    /** The engine it computes on. */
    public Engine engine() {
        return visionTensors.engine();
    }

    /** The embedding of a medium, {@code [1, E]}. */
    public Tensor embed(Medium medium) {
        Engine engine = engine();
        try (Scope scope = engine.scope()) {
            if (medium instanceof Medium.Sound sound) {
                return scope.keep(mean(audio.forward(engine.adopt(sound.mel()).to(audio.dtype()))));
            }
            Tensor pixels =
                    medium instanceof Medium.Picture picture ? picture.pixels() : ((Medium.Clip) medium).views();
            return scope.keep(mean(vision.forward(engine.adopt(pixels).to(vision.dtype()))));
        }
    }

    private static Tensor mean(Tensor embeddings) { // (n, E) -> (1, E)
        return embeddings.dim(0) == 1 ? embeddings : embeddings.mean(0).unsqueeze(0);
    }

    @Override
    public void close() {
        vision.close();
        audio.close();
        visionTensors.close();
        audioTensors.close();
    }
}
