package io.kinora.model.emu2.prompt;

/** What prompts are made of, in reading order. */
public sealed interface PromptPart {
    /** Text from outside: names of special tokens in it stay text. */
    record Text(String text) implements PromptPart {}

    /** Text of our own, or of a trusted caller: names of special tokens in it become the tokens. */
    record Markup(String text) implements PromptPart {}

    /** A picture. */
    record Image(Picture picture) implements PromptPart {}

    /**
     * The frames of a clip, in the order of time: {@code [VIDEO]} and then each frame.
     *
     * @param count number of frames
     */
    record Frames(int count) implements PromptPart {
        /** Refuses a clip without frames. */
        public Frames {
            if (count < 1) {
                throw new IllegalArgumentException("a clip has at least one frame, got " + count);
            }
        }
    }

    /**
     * Frames without {@code [VIDEO]} before them: they go on with the clip whose frames text has interrupted, or stand behind markup
     * that begins it.
     *
     * @param count number of frames
     */
    record MoreFrames(int count) implements PromptPart {
        /** Refuses none. */
        public MoreFrames {
            if (count < 1) {
                throw new IllegalArgumentException("there is at least one frame, got " + count);
            }
        }
    }
}
