package io.kinora.training.eval;

import io.kinora.training.world.Colour;
import io.kinora.training.world.Motion;
import io.kinora.training.world.Shape;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A shape that the image judge found in a clip.
 *
 * @param colour the palette's colour that most of its pixels are nearest to
 * @param shape by its outline
 * @param motions one thing, or two in turn
 */
public record Sighting(Colour colour, Shape shape, List<Motion> motions) {
    /** Copies the list. */
    public Sighting {
        motions = List.copyOf(motions);
    }

    /** As {@code red circle moves left, then grows}. */
    public String words() {
        String does = motions.stream().map(Motion::phrase).collect(Collectors.joining(", then "));
        return "%s %s %s".formatted(colour.word(), shape.word(), does);
    }
}
