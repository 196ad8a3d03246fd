package io.kinora.model.modaverse.imagebind;

import io.kinora.model.vision.ImageNormalizer;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns the frames of a clip into ImageBind's views of it: the shorter side scaled to 224 pixels (bilinear, no antialiasing), normalised,
 * and cut into three squares along the longer side. Five pairs of frames make 15 views. Immutable and thread-safe.
 */
public final class ClipPixels {
    private static final int SIZE = VisionEncoder.SIZE;
    private static final int CROPS = 3;

    /** Above this, a frame is a strip whose scaled form would fill the memory. */
    private static final int LONGEST_SIDE = 64 * SIZE;

    private final ImageNormalizer normalizer;

    /** Views in the given type. */
    public ClipPixels(DType dtype) {
        this.normalizer = new ImageNormalizer(dtype);
    }

    /**
     * Views of pairs of frames.
     *
     * @param frames {@link DType#U8} {@code [2n, height, width, 3]}: first and last frame of each piece
     * @return {@code [3n, 3, 2, 224, 224]}, the three crops of a piece following each other
     * @throws ShapeException if the frames are not pairs of pictures
     * @throws UnusableMediaException if they are more than 64 times as long as wide, or the other way round
     */
    public Tensor views(Tensor frames) {
        if (frames.rank() != 4 || frames.dim(3) != 3 || frames.dim(0) % 2 != 0) {
            throw new ShapeException("frames are pairs [2n, height, width, 3], got " + frames.shape());
        }
        Engine engine = frames.engine();
        try (Scope scope = engine.scope()) {
            Tensor scaled = scaled(frames); // (2n, 3, y, x)
            List<Tensor> views = new ArrayList<>();
            for (long pair = 0; pair < frames.dim(0); pair += 2) {
                Tensor both = scaled.slice(0, pair, pair + 2).transpose(0, 1); // (3, 2, y, x)
                for (int crop = 0; crop < CROPS; crop++) {
                    views.add(cut(both, crop));
                }
            }
            return scope.keep(engine.stack(views, 0));
        }
    }

    private Tensor scaled(Tensor frames) { // (2n, Y, X, 3) -> (2n, 3, y, x)
        long height = frames.dim(1);
        long width = frames.dim(2);
        long newHeight = width < height ? (long) Math.floor((double) height / width * SIZE) : SIZE;
        long newWidth = width < height ? SIZE : (long) Math.floor((double) width / height * SIZE);
        if (Math.max(newHeight, newWidth) > LONGEST_SIDE) {
            throw new UnusableMediaException(
                    UnusableMediaException.Reason.TOO_NARROW,
                    "frames of %d×%d pixels are too narrow; allowed is %d to 1"
                            .formatted(width, height, LONGEST_SIDE / SIZE));
        }
        return normalizer.forward(frames, pixels -> pixels.engine().upsampleBilinear(pixels, newHeight, newWidth));
    }

    private static Tensor cut(Tensor frames, int crop) { // (3, 2, y, x) -> (3, 2, 224, 224)
        boolean upright = frames.dim(2) > frames.dim(3);
        long top = offset(frames.dim(2), upright ? crop : 1);
        long left = offset(frames.dim(3), upright ? 1 : crop);
        return frames.slice(2, top, top + SIZE).slice(3, left, left + SIZE);
    }

    private static long offset(long side, int crop) {
        return switch (crop) {
            case 0 -> 0;
            case 1 -> (side - SIZE + 1) / 2;
            default -> side - SIZE;
        };
    }
}
