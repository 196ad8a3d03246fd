package io.kinora.model.modaverse.imagebind;

import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.model.checkpoint.Inventory;
import io.kinora.tensor.Shape;
import io.kinora.tensor.file.TensorInfo;
import java.util.Optional;

/**
 * Sizes of an ImageBind.
 *
 * @param vision sizes of the trunk for pictures
 * @param audio sizes of the trunk for sound
 * @param embedding channels of an embedding, the same for both
 */
public record ImageBindConfig(TrunkConfig vision, TrunkConfig audio, int embedding) {
    /** Heads of the released vision trunk; the file does not tell. */
    public static final int VISION_HEADS = 16;

    /** Heads of the released audio trunk; the file does not tell. */
    public static final int AUDIO_HEADS = 12;

    /** The released {@code imagebind_huge}: 719 million parameters in these two trunks. */
    public static ImageBindConfig released() {
        return new ImageBindConfig(
                new TrunkConfig(1280, 32, VISION_HEADS, 5120, 257),
                new TrunkConfig(768, 12, AUDIO_HEADS, 3072, 229),
                1024);
    }

    /**
     * Reads the sizes off the tensors of a released file, which comes without a configuration.
     *
     * @throws CheckpointException if a tensor is missing that a size could be read off, or the trunks do not fit each other
     */
    public static ImageBindConfig of(Inventory inventory, int visionHeads, int audioHeads) {
        int vision = (int) shape(inventory, "modality_heads.vision.2.weight").dim(0);
        int audio = (int) shape(inventory, "modality_heads.audio.2.weight").dim(0);
        if (vision != audio) {
            throw new CheckpointException(
                    "ImageBind: embeddings of pictures have %d channels, those of sounds %d".formatted(vision, audio));
        }
        return new ImageBindConfig(
                trunk(inventory, "vision", visionHeads), trunk(inventory, "audio", audioHeads), vision);
    }

    private static TrunkConfig trunk(Inventory inventory, String modality, int heads) {
        String trunk = "modality_trunks.%s.blocks.".formatted(modality);
        Shape positions =
                shape(inventory, "modality_preprocessors.%s.pos_embedding_helper.pos_embed".formatted(modality));
        int layers = 0;
        while (inventory.tensors().containsKey(trunk + layers + ".attn.in_proj_weight")) {
            layers++;
        }
        return new TrunkConfig(
                (int) positions.dim(2),
                layers,
                heads,
                (int) shape(inventory, trunk + "0.mlp.fc1.weight").dim(0),
                (int) positions.dim(1));
    }

    private static Shape shape(Inventory inventory, String name) {
        return Optional.ofNullable(inventory.tensors().get(name))
                .map(TensorInfo::shape)
                .orElseThrow(() -> new CheckpointException("this is no ImageBind: there is no tensor " + name));
    }
}
