package io.kinora.training.world;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * All scenes, numbered: the same seed, split and index give the same scene on every machine.
 *
 * <p>Immutable; safe for use by several threads.
 */
public final class World {
    private static final double PAIRS = 0.5;
    private static final double TWO_PHASES = 0.3;
    private static final int ATTEMPTS = 60;

    private final long seed;

    /** The world of a seed. */
    public World(long seed) {
        this.seed = seed;
    }

    /** A scene: half of all have two shapes, and three shapes in ten do two things in turn. */
    public Scene scene(Split split, long index) {
        SplittableRandom random = random(split, index, 0);
        while (true) {
            Optional<Scene> scene = draw(split, random);
            if (scene.isPresent()) {
                return scene.get();
            }
        }
    }

    /** A scene with one shape. */
    public Scene soloScene(Split split, long index) {
        return scene(split, index, 1, 1);
    }

    /** A scene with two shapes. */
    public Scene pairScene(Split split, long index) {
        return scene(split, index, 2, 3);
    }

    private Scene scene(Split split, long index, int shapes, int stream) {
        SplittableRandom random = random(split, index, stream);
        while (true) {
            Optional<Scene> scene = draw(split, shapes, random);
            if (scene.isPresent()) {
                return scene.get();
            }
        }
    }

    /** What belongs to a scene and is drawn beside it (questions, captions, encodings), from a stream of its own. */
    SplittableRandom random(Split split, long index, int stream) {
        return new SplittableRandom(mix(mix(mix(seed) + index) + 31L * stream + (split == Split.TRAIN ? 0 : 1)));
    }

    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L + 0x9e3779b97f4a7c15L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }

    private static Optional<Scene> draw(Split split, SplittableRandom random) {
        return draw(split, random.nextDouble() < PAIRS ? 2 : 1, random);
    }

    private static Optional<Scene> draw(Split split, int shapes, SplittableRandom random) {
        List<Sprite> sprites = new ArrayList<>();
        Backgrounds backgrounds = new Backgrounds(random);
        for (int attempt = 0; attempt < ATTEMPTS && sprites.size() < shapes; attempt++) {
            boolean heldOut = split == Split.HELD_OUT && sprites.isEmpty();
            Sprite sprite = new SpriteDraw(random, shapes == 1).draw(TWO_PHASES);
            boolean allowed = heldOut == Holdout.reserves(sprite) || (split == Split.HELD_OUT && !heldOut);
            if (allowed && Layout.fits(sprite, sprites)) {
                sprites.add(sprite);
            }
        }
        return sprites.size() < shapes ? Optional.empty() : Optional.of(new Scene(sprites, backgrounds.draw(sprites)));
    }
}
