package io.kinora.training.world;

import io.kinora.video.RgbFrame;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws the frames of one scene at one size, with smooth edges. The frame's shorter side is the scene's unit, and the scene
 * is in its middle.
 *
 * <p>Immutable; safe for use by several threads.
 */
public final class SceneRenderer {
    private final Scene scene;
    private final int width;
    private final int height;
    private final double unit;
    private final byte[] ground;

    /**
     * Prepares a scene for drawing.
     *
     * @throws IllegalArgumentException if a side is below 8 pixels
     */
    public SceneRenderer(Scene scene, int width, int height) {
        if (width < 8 || height < 8) {
            throw new IllegalArgumentException("a scene is drawn at 8×8 or more, got %d×%d".formatted(width, height));
        }
        this.scene = scene;
        this.width = width;
        this.height = height;
        this.unit = Math.min(width, height);
        this.ground = new BackgroundPainter(scene.background()).paint(width, height);
    }

    /** Frames evenly over the whole scene: the first at moment 0, the last at moment 1. */
    public List<RgbFrame> frames(int count) {
        List<RgbFrame> frames = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            frames.add(frame(moment(i, count)));
        }
        return frames;
    }

    /** The moment of a frame of a clip of so many frames. */
    public static double moment(int frame, int count) {
        return count == 1 ? 0 : (double) frame / (count - 1);
    }

    /** The frame of a moment, from 0 to 1. */
    public RgbFrame frame(double moment) {
        return RgbFrame.of(width, height, pixels(moment));
    }

    /** The frame of a moment as packed bytes, [height][width][3]. */
    public byte[] pixels(double moment) {
        byte[] pixels = ground.clone();
        for (Sprite sprite : scene.sprites()) {
            Sprite.Pose pose = sprite.at(moment);
            if (pose.visible()) {
                draw(sprite, pose, pixels);
            }
        }
        return pixels;
    }

    private void draw(Sprite sprite, Sprite.Pose pose, byte[] pixels) {
        double centreX = pose.x() * unit + (width - unit) / 2;
        double centreY = pose.y() * unit + (height - unit) / 2;
        double radius = pose.radius() * unit;
        double reach = radius * Outline.REACH + 1;
        double cos = Math.cos(pose.angle());
        double sin = Math.sin(pose.angle());
        int bottom = (int) Math.min(height - 1, Math.ceil(centreY + reach));
        int right = (int) Math.min(width - 1, Math.ceil(centreX + reach));
        for (int row = (int) Math.max(0, centreY - reach); row <= bottom; row++) {
            for (int column = (int) Math.max(0, centreX - reach); column <= right; column++) {
                double dx = (column + 0.5 - centreX) / radius;
                double dy = (row + 0.5 - centreY) / radius;
                double distance = Outline.distance(sprite.shape(), dx * cos + dy * sin, dy * cos - dx * sin) * radius;
                if (distance < 0.5) {
                    blend(pixels, (row * width + column) * 3, sprite.rgb(), Math.min(1, 0.5 - distance));
                }
            }
        }
    }

    private static void blend(byte[] pixels, int at, int rgb, double cover) {
        for (int channel = 0; channel < 3; channel++) {
            int over = (rgb >> (16 - 8 * channel)) & 0xff;
            int under = pixels[at + channel] & 0xff;
            pixels[at + channel] = (byte) Math.round(under + (over - under) * cover);
        }
    }
}
