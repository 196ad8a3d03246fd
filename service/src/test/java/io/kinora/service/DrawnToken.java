package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;

/**
 * A token of an answer, with what it was drawn from.
 *
 * <p>What a lost stage had is computed again in batches of other sizes, so that scores differ in their last bits, and about one draw in a hundred thousand
 * falls between the two. Such a place is told from a lost or doubled token by the scores: there they are the same, while behind another beginning they
 * would be others.
 *
 * @param text its bytes
 * @param best the best scores at its place
 */
record DrawnToken(String text, List<Double> best) {
    private static final double ROUNDING = 1e-3;

    DrawnToken {
        best = List.copyOf(best);
    }

    /** Asserts that answers are, token by token, what they were in the undisturbed run; but for draws between two roundings, in so many of them at most. */
    static void assertSame(List<List<DrawnToken>> undisturbed, List<List<DrawnToken>> disturbed, int mostRounded) {
        assertThat(disturbed).hasSameSizeAs(undisturbed);
        List<Integer> rounded = IntStream.range(0, undisturbed.size())
                .filter(i -> !texts(disturbed.get(i)).equals(texts(undisturbed.get(i))))
                .boxed()
                .toList();
        for (int answer : rounded) {
            List<DrawnToken> expected = undisturbed.get(answer);
            List<DrawnToken> got = disturbed.get(answer);
            int at = firstOther(texts(expected), texts(got));
            assertThat(List.of(expected.size(), got.size()))
                    .as("lengths of answer %d, of which both versions agree on the first %d tokens", answer, at)
                    .allMatch(length -> length > at);
            assertThat(got.get(at).best())
                    .as("scores of answer %d at its first other token, %d: %s, and %s", answer, at, expected, got)
                    .usingElementComparator((a, b) -> Math.abs(a - b) < ROUNDING ? 0 : Double.compare(a, b))
                    .isEqualTo(expected.get(at).best());
        }
        assertThat(rounded)
                .as("answers in which a draw was rounded to another token")
                .hasSizeLessThanOrEqualTo(mostRounded);
    }

    private static int firstOther(List<String> expected, List<String> got) {
        int common = Math.min(expected.size(), got.size());
        return IntStream.range(0, common)
                .filter(i -> !expected.get(i).equals(got.get(i)))
                .findFirst()
                .orElse(common);
    }

    static List<String> texts(List<DrawnToken> answer) {
        return answer.stream().map(DrawnToken::text).toList();
    }
}
