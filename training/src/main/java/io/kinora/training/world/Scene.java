package io.kinora.training.world;

import java.util.List;

/**
 * Everything that is to be seen in a clip, as a function of a moment from 0 (first frame) to 1 (last frame).
 *
 * @param sprites one shape or two, which never touch
 * @param background what is behind them
 */
public record Scene(List<Sprite> sprites, Background background) {
    public Scene {
        sprites = List.copyOf(sprites);
        if (sprites.isEmpty() || sprites.size() > 2) {
            throw new IllegalArgumentException("a scene has one shape or two, got %d".formatted(sprites.size()));
        }
        if (sprites.size() == 2 && sprites.get(0).name().equals(sprites.get(1).name())) {
            throw new IllegalArgumentException("two shapes differ in colour or shape, got two of "
                    + sprites.get(0).name());
        }
    }

    /** The only shape, or the first. */
    public Sprite first() {
        return sprites.get(0);
    }

    /** Whether there are two shapes. */
    public boolean isPair() {
        return sprites.size() == 2;
    }
}
