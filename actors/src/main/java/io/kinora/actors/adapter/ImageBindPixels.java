package io.kinora.actors.adapter;

import io.kinora.model.modaverse.imagebind.UnusableMediaException;
import io.kinora.model.modaverse.imagebind.VisionEncoder;
import io.kinora.model.vision.ImageNormalizer;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.video.FrameResizer;
import io.kinora.video.FrameSize;
import io.kinora.video.RgbFrame;
import java.util.List;

/** Pictures of {@code video-io} as ImageBind takes them. */
public final class ImageBindPixels {
    private static final int SIZE = VisionEncoder.SIZE;

    /** Above this, a picture is a strip whose scaled form would fill the memory. */
    private static final int LONGEST_SIDE = 64 * SIZE;

    private ImageBindPixels() {}

    /**
     * The middle square of a picture whose shorter side is scaled to 224 pixels, bicubic as PIL has it.
     *
     * @throws UnusableMediaException if it is more than 64 times as long as wide, or the other way round
     */
    public static RgbFrame squared(RgbFrame picture) {
        FrameSize size = FrameSize.of(picture);
        if (Math.max(size.width(), size.height())
                > (long) LONGEST_SIDE / SIZE * Math.min(size.width(), size.height())) {
            throw new UnusableMediaException(
                    UnusableMediaException.Reason.TOO_NARROW,
                    "a picture of %d×%d pixels is too narrow; allowed is %d to 1"
                            .formatted(size.width(), size.height(), LONGEST_SIDE / SIZE));
        }
        return FrameResizer.likePil(picture, size.withShortSide(SIZE), FrameResizer.Filter.BICUBIC)
                .centerCrop(SIZE, SIZE);
    }

    /** Normalised pixels {@code [1, 3, 224, 224]} of a picture. Errors as {@link #squared}. */
    public static Tensor of(RgbFrame picture, Engine engine, DType dtype) {
        return new ImageNormalizer(dtype).forward(FramePixels.of(List.of(squared(picture)), engine));
    }
}
