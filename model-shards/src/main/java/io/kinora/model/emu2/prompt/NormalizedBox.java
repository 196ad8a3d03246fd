package io.kinora.model.emu2.prompt;

/**
 * A place in a picture, as fractions of its width and height from the top left corner: 0 to 1, {@code left <= right}, {@code
 * top <= bottom}.
 */
public record NormalizedBox(double left, double top, double right, double bottom) {
    /**
     * Refuses corners out of order or outside.
     *
     * @throws IllegalArgumentException if they are
     */
    public NormalizedBox {
        boolean fits = left >= 0 && top >= 0 && right <= 1 && bottom <= 1 && left <= right && top <= bottom;
        if (!fits) {
            throw new IllegalArgumentException(
                    "a box has 0 <= left <= right <= 1 and 0 <= top <= bottom <= 1, got (%s, %s)-(%s, %s)"
                            .formatted(left, top, right, bottom));
        }
    }
}
