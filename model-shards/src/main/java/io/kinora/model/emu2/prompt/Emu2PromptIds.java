package io.kinora.model.emu2.prompt;

import java.util.Arrays;
import java.util.List;

/**
 * A prompt as the language model reads it: ids, and the positions whose embeddings are replaced by those of pictures and
 * frames. Immutable.
 */
public final class Emu2PromptIds {
    /** Positions of one picture's embeddings: {@code length} from {@code start}. */
    public record ImageSlot(Picture picture, int start, int length) {}

    /**
     * Positions of one frame's embeddings: {@code length} from {@code start}.
     *
     * @param clip which of the prompt's clips, from 0
     * @param frame which of that clip's frames, from 0
     */
    public record FrameSlot(int clip, int frame, int start, int length) {}

    private final int[] ids;
    private final List<ImageSlot> images;
    private final List<FrameSlot> frames;

    Emu2PromptIds(int[] ids, List<ImageSlot> images, List<FrameSlot> frames) {
        this.ids = ids;
        this.images = List.copyOf(images);
        this.frames = List.copyOf(frames);
    }

    /** A copy of the ids. */
    public int[] ids() {
        return ids.clone();
    }

    /** Number of positions. */
    public int length() {
        return ids.length;
    }

    /** The pictures in reading order. */
    public List<ImageSlot> images() {
        return images;
    }

    /** The frames in reading order. */
    public List<FrameSlot> frames() {
        return frames;
    }

    /**
     * Positions at the beginning that stay the same whatever text follows the last picture or frame: the prefix worth keeping
     * for further questions. 0 if the prompt has neither.
     */
    public int reusablePrefix() {
        int images = this.images.stream()
                .mapToInt(slot -> slot.start() + slot.length() + 1)
                .max()
                .orElse(0);
        int frames = this.frames.stream()
                .mapToInt(slot -> slot.start() + slot.length() + 1)
                .max()
                .orElse(0);
        return Math.max(images, frames);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Emu2PromptIds prompt
                && Arrays.equals(ids, prompt.ids)
                && images.equals(prompt.images)
                && frames.equals(prompt.frames);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(ids);
    }

    @Override
    public String toString() {
        return "%d positions, %d pictures, %d frames".formatted(ids.length, images.size(), frames.size());
    }
}
