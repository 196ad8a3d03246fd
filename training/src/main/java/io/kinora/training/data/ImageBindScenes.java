package io.kinora.training.data;

import io.kinora.model.modaverse.MediaEncoder;
import io.kinora.model.modaverse.MediaKind;
import io.kinora.model.modaverse.Medium;
import io.kinora.model.vision.ImageNormalizer;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.training.world.SceneRenderer;
import java.util.ArrayList;
import java.util.List;

/**
 * Scenes as ImageBind sees them, drawn in its size. A scene is square, so the three crops that ImageBind takes of each part of a clip are one and the
 * same, and one stands for them in the mean.
 */
public final class ImageBindScenes implements MediaEmbedder {
    private static final int SIZE = 224;
    private static final int PARTS = 5;
    private static final int FRAMES_OF_PART = 2;

    private final MediaEncoder encoder;
    private final Engine engine;
    private final ImageNormalizer normalizer = new ImageNormalizer(DType.F32);

    /** Over an encoder, which stays the caller's. */
    public ImageBindScenes(MediaEncoder encoder) {
        this.encoder = encoder;
        this.engine = encoder.engine();
    }

    @Override
    public Tensor embed(InstructionPair.Shown shown) {
        SceneRenderer renderer = new SceneRenderer(shown.scene(), SIZE, SIZE);
        try (Scope scope = engine.scope()) {
            if (shown.kind() == MediaKind.IMAGE) {
                return scope.keep(encoder.embed(new Medium.Picture(normalized(List.of(renderer.pixels(0))))));
            }
            List<byte[]> frames = new ArrayList<>();
            for (int i = 0; i < PARTS * FRAMES_OF_PART; i++) {
                frames.add(renderer.pixels(SceneRenderer.moment(i, PARTS * FRAMES_OF_PART)));
            }
            Tensor views = normalized(frames) // (parts · 2, 3, size, size)
                    .reshape(PARTS, FRAMES_OF_PART, 3, SIZE, SIZE)
                    .permute(0, 2, 1, 3, 4)
                    .contiguous();
            return scope.keep(encoder.embed(new Medium.Clip(views)));
        }
    }

    private Tensor normalized(List<byte[]> frames) {
        return normalizer.forward(new Pixels(frames, SIZE).bytes(engine));
    }
}
