package io.kinora.model.llm.sample;

/**
 * How a beam search runs.
 *
 * @param beams hypotheses kept open, at least one
 * @param lengthPenalty power of the length that a finished hypothesis' summed logarithm is divided by: below 0 prefers short answers,
 *     above 0 long ones
 * @param repetitionPenalty multiplies the logarithms of tokens that a hypothesis has already; 1 for none
 */
public record BeamSettings(int beams, double lengthPenalty, double repetitionPenalty) {
    /** Most beams a search may keep open. */
    public static final int MOST_BEAMS = 64;

    /** What the released models use where nothing is asked for: five beams that prefer short answers. */
    public static final BeamSettings RELEASED = new BeamSettings(5, -1, 1);

    /** Checks the ranges. */
    public BeamSettings {
        if (beams < 1 || beams > MOST_BEAMS) {
            throw new IllegalArgumentException("beams is %d; allowed is 1 to %d".formatted(beams, MOST_BEAMS));
        }
        if (!Double.isFinite(lengthPenalty)) {
            throw new IllegalArgumentException(
                    "length_penalty is %s; allowed is any finite number".formatted(lengthPenalty));
        }
        if (!Double.isFinite(repetitionPenalty) || repetitionPenalty <= 0) {
            throw new IllegalArgumentException(
                    "repetition_penalty is %s; allowed is more than 0".formatted(repetitionPenalty));
        }
    }
}
