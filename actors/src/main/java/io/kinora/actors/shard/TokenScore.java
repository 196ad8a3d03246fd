package io.kinora.actors.shard;

import io.kinora.actors.serialization.KryoMessage;
import java.util.List;

/**
 * How probable a token of an answer was under the model, before penalty, temperature and truncation.
 *
 * @param chosen the token itself
 * @param best the most probable tokens at its place, best first; as many as were asked for
 */
public record TokenScore(Scored chosen, List<Scored> best) implements KryoMessage {
    /** Takes a copy. */
    public TokenScore {
        best = List.copyOf(best);
    }

    /**
     * A token with its probability.
     *
     * @param token its id
     * @param text its text in the middle of a sentence; U+FFFD stands for bytes that are no character by themselves
     * @param bytes its bytes, 0 to 255 each
     * @param logprob natural logarithm of its probability; {@value #IMPOSSIBLE} stands for everything below
     */
    public record Scored(int token, String text, List<Integer> bytes, double logprob) implements KryoMessage {
        /** Where logarithms end, since JSON has no infinity. */
        public static final double IMPOSSIBLE = -9999;

        /** Takes a copy. */
        public Scored {
            bytes = List.copyOf(bytes);
            logprob = Math.max(IMPOSSIBLE, logprob);
        }
    }
}
