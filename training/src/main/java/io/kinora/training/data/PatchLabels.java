package io.kinora.training.data;

import io.kinora.training.world.Colour;
import io.kinora.training.world.Scene;
import io.kinora.training.world.Shape;
import io.kinora.training.world.Sprite;
import java.util.List;

/**
 * What each patch of a picture shows: the shape whose middle is nearest, if it reaches the patch, with its colour and where its middle is; and what the
 * whole picture shows.
 */
public final class PatchLabels {
    /** Classes of a patch's colour; the last is that of the background. */
    public static final int COLOURS = Colour.values().length + 1;

    /** Classes of a patch's shape; the last is that of the background. */
    public static final int SHAPES = Shape.values().length + 1;

    /** Numbers that tell of each thing in a picture: whether it is there, and how it stands. */
    public static final int FACTS = 1 + PoseFacts.COUNT;

    /** Things that a picture can show: every colour of every shape. */
    public static final int THINGS = Colour.values().length * Shape.values().length;

    // Outlines reach a little beyond the circle of the same size.
    private static final double REACH = 1.15;

    private final int grid;
    private final long[] colours;
    private final long[] shapes;
    private final float[] offsets;
    private final float[] facts = new float[THINGS * FACTS];

    /** Of a scene at a moment, on a grid of so many patches a side. */
    public PatchLabels(Scene scene, double moment, int grid) {
        this.grid = grid;
        this.colours = new long[grid * grid];
        this.shapes = new long[grid * grid];
        this.offsets = new float[grid * grid * 2];
        for (int row = 0; row < grid; row++) {
            for (int column = 0; column < grid; column++) {
                label(scene.sprites(), moment, row, column);
            }
        }
        for (Sprite sprite : scene.sprites()) {
            Sprite.Pose pose = sprite.at(moment);
            if (pose.visible()) {
                int at = FACTS * (indexOf(sprite.colour()) * Shape.values().length + indexOf(sprite.shape()));
                facts[at] = 1;
                PoseFacts.of(sprite.shape(), pose).writeTo(facts, at + 1);
            }
        }
    }

    private void label(List<Sprite> sprites, double moment, int row, int column) {
        int patch = row * grid + column;
        double middleX = (column + 0.5) / grid;
        double middleY = (row + 0.5) / grid;
        double half = 0.5 / grid;
        colours[patch] = COLOURS - 1L;
        shapes[patch] = SHAPES - 1L;
        double nearest = Double.POSITIVE_INFINITY;
        for (Sprite sprite : sprites) {
            Sprite.Pose pose = sprite.at(moment);
            double dx = pose.x() - middleX;
            double dy = pose.y() - middleY;
            double gap = Math.hypot(Math.max(0, Math.abs(dx) - half), Math.max(0, Math.abs(dy) - half));
            if (pose.visible() && gap < pose.radius() * REACH && Math.hypot(dx, dy) < nearest) {
                nearest = Math.hypot(dx, dy);
                colours[patch] = indexOf(sprite.colour());
                shapes[patch] = indexOf(sprite.shape());
                offsets[2 * patch] = (float) (dx * grid);
                offsets[2 * patch + 1] = (float) (dy * grid);
            }
        }
    }

    private static int indexOf(Colour colour) {
        return List.of(Colour.values()).indexOf(colour);
    }

    private static int indexOf(Shape shape) {
        return List.of(Shape.values()).indexOf(shape);
    }

    /** Class of each patch's colour, row by row. */
    public long[] colours() {
        return colours.clone();
    }

    /** Class of each patch's shape, row by row. */
    public long[] shapes() {
        return shapes.clone();
    }

    /** From each patch's middle to that of its shape, in patches, across and down; 0 where there is none. */
    public float[] offsets() {
        return offsets.clone();
    }

    /** {@code [THINGS, FACTS]}: for every colour of every shape 1 if it is there, and how it stands; else 0. */
    public float[] facts() {
        return facts.clone();
    }
}
