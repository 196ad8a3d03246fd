package io.kinora.model.modaverse.imagebind;

import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.checkpoint.CheckpointOptions;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A released ImageBind on disk: {@code imagebind_huge.pth}, or the same tensors as safetensors.
 *
 * @param path the file, or a folder that holds no other
 * @param config its sizes
 * @param computeType what tensors are converted to; empty for as they are stored
 */
public record ImageBindFile(Path path, ImageBindConfig config, Optional<DType> computeType) {
    private static final String VISION = "vision";
    private static final String AUDIO = "audio";

    /**
     * Reads the sizes, with the released numbers of heads.
     *
     * @throws io.kinora.model.checkpoint.CheckpointException if there is no such file or it is no ImageBind
     */
    public static ImageBindFile at(Path path, Optional<DType> computeType) {
        return at(path, computeType, ImageBindConfig.VISION_HEADS, ImageBindConfig.AUDIO_HEADS);
    }

    /** Likewise, with other numbers of heads. */
    public static ImageBindFile at(Path path, Optional<DType> computeType, int visionHeads, int audioHeads) {
        CheckpointOptions both = CheckpointOptions.DEFAULT.withNaming(ImageBindNaming.of(VISION, AUDIO));
        ImageBindConfig config = ImageBindConfig.of(Checkpoint.inventory(path, both), visionHeads, audioHeads);
        return new ImageBindFile(path, config, computeType);
    }

    /** Opens the tensors of the trunk for pictures, and no others. */
    public Checkpoint openVision(Engine engine) {
        return open(engine, VISION);
    }

    /** Opens the tensors of the trunk for sound, and no others. */
    public Checkpoint openAudio(Engine engine) {
        return open(engine, AUDIO);
    }

    private Checkpoint open(Engine engine, String modality) {
        CheckpointOptions named = CheckpointOptions.DEFAULT.withNaming(ImageBindNaming.of(modality));
        return Checkpoint.open(
                path, engine, computeType.map(named::withComputeType).orElse(named));
    }
}
