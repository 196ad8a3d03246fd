package io.kinora.training.data;

import io.kinora.training.world.Colour;
import io.kinora.training.world.Motion;
import io.kinora.training.world.Scene;
import io.kinora.training.world.Shape;
import io.kinora.training.world.Sprite;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How the shapes of a clip stand in each frame and what they are doing when it has been seen, by the colour or the outline that sets each apart. */
public final class MotionLabels {
    /** Names that a shape can be told by: the colours, then the outlines. */
    public static final int NAMES = Colour.values().length + Shape.values().length;

    /** Things that a shape can do. */
    public static final int MOTIONS = Motion.values().length;

    /** Stands for a motion that the frames so far do not tell. */
    public static final int UNKNOWN = -1;

    private MotionLabels() {}

    /**
     * The shape of a name.
     *
     * @param frame the last one seen, from 0
     * @param name one of {@link #NAMES}
     * @param motion one of {@link #MOTIONS}, or {@link #UNKNOWN}
     * @param colour of the shape, as one of {@link Colour}'s values
     * @param shape its outline, as one of {@link Shape}'s values
     * @param pose how it stands in the frame, if it is to be seen there
     * @param before how it stood in the frame before, if it was to be seen there
     */
    public record Label(
            int frame,
            int name,
            int motion,
            int colour,
            int shape,
            Optional<PoseFacts> pose,
            Optional<PoseFacts> before) {
        /** The same with frames counted from an earlier one. */
        public Label behind(int frames) {
            return new Label(frames + frame, name, motion, colour, shape, pose, before);
        }
    }

    /**
     * All that frames at these moments tell. The first tells nothing, and neither does the first of a second motion.
     *
     * @param moments of the frames, from 0 to 1 and rising
     */
    public static List<Label> of(Scene scene, List<Double> moments) {
        List<Label> labels = new ArrayList<>();
        for (Sprite sprite : scene.sprites()) {
            Optional<PoseFacts> before = Optional.empty();
            for (int frame = 0; frame < moments.size(); frame++) {
                Sprite.Pose pose = sprite.at(moments.get(frame));
                Optional<PoseFacts> seen =
                        pose.visible() ? Optional.of(PoseFacts.of(sprite.shape(), pose)) : Optional.empty();
                for (int name : names(scene, sprite)) {
                    labels.add(new Label(
                            frame,
                            name,
                            motion(sprite, moments, frame),
                            List.of(Colour.values()).indexOf(sprite.colour()),
                            List.of(Shape.values()).indexOf(sprite.shape()),
                            seen,
                            before));
                }
                before = seen;
            }
        }
        return List.copyOf(labels);
    }

    private static int motion(Sprite sprite, List<Double> moments, int frame) {
        int phase = phase(sprite, moments.get(frame));
        boolean begun = frame > 0 && phase == phase(sprite, moments.get(frame - 1));
        return begun ? List.of(Motion.values()).indexOf(sprite.motions().get(phase)) : UNKNOWN;
    }

    private static int phase(Sprite sprite, double moment) {
        return Math.min(
                sprite.motions().size() - 1, (int) (moment * sprite.motions().size()));
    }

    private static List<Integer> names(Scene scene, Sprite sprite) {
        List<Integer> names = new ArrayList<>();
        if (scene.sprites().stream()
                        .filter(other -> other.colour() == sprite.colour())
                        .count()
                == 1) {
            names.add(List.of(Colour.values()).indexOf(sprite.colour()));
        }
        if (scene.sprites().stream()
                        .filter(other -> other.shape() == sprite.shape())
                        .count()
                == 1) {
            names.add(Colour.values().length + List.of(Shape.values()).indexOf(sprite.shape()));
        }
        return names;
    }
}
