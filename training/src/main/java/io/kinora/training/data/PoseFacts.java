package io.kinora.training.data;

import io.kinora.training.world.Shape;
import io.kinora.training.world.Sprite;

/**
 * How a shape stands, in numbers of about the same weight.
 *
 * @param x middle, as a part of the picture's width
 * @param y middle, as a part of the picture's height
 * @param radius as a part of the picture
 * @param cosine of its turn, scaled; all turns that look the same are one
 * @param sine of its turn, scaled
 */
public record PoseFacts(float x, float y, float radius, float cosine, float sine) {
    /** How many numbers. */
    public static final int COUNT = 5;

    // A turn is told by a point on a circle, which is to count about as much as a place in the picture.
    private static final double TURN = 0.2;

    static PoseFacts of(Shape shape, Sprite.Pose pose) {
        double turn = shape.symmetry() * pose.angle();
        double scale = shape.showsRotation() ? TURN : 0;
        return new PoseFacts(
                (float) pose.x(), (float) pose.y(), (float) pose.radius(), (float) (scale * Math.cos(turn)), (float)
                        (scale * Math.sin(turn)));
    }

    /** The numbers, {@link #COUNT} of them. */
    public float[] numbers() {
        return new float[] {x, y, radius, cosine, sine};
    }

    /** How much larger each number is than it was. */
    public float[] since(PoseFacts before) {
        return new float[] {
            x - before.x, y - before.y, radius - before.radius, cosine - before.cosine, sine - before.sine
        };
    }

    /** Writes the numbers into an array, from an index on. */
    public void writeTo(float[] to, int at) {
        float[] from = numbers();
        System.arraycopy(from, 0, to, at, from.length);
    }
}
