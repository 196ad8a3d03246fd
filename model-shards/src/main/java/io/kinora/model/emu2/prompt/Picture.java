package io.kinora.model.emu2.prompt;

/** A picture in a prompt: one that the request brings, or the drawing of a box. */
public sealed interface Picture {
    /**
     * One of the request's pictures.
     *
     * @param index its place among them, from 0
     */
    record Given(int index) implements Picture {
        /** Refuses a negative index. */
        public Given {
            if (index < 0) {
                throw new IllegalArgumentException("a picture's index is at least 0, got " + index);
            }
        }
    }

    /** The drawing of a box, {@link Box#draw}. */
    record OfBox(Box box) implements Picture {}
}
