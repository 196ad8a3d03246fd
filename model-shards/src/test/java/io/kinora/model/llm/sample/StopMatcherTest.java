package io.kinora.model.llm.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class StopMatcherTest {
    @Test
    void aStopStringAcrossPiecesEndsTheTextBeforeIt() {
        StopMatcher matcher = new StopMatcher(List.of("</end>"));

        assertThat(matcher.accept("yes <")).isEqualTo("yes ");
        assertThat(matcher.accept("/en")).isEmpty();
        assertThat(matcher.accept("d> and more")).isEmpty();
        assertThat(matcher.found()).contains("</end>");
        assertThat(matcher.accept("more")).isEmpty();
        assertThat(matcher.finish()).isEmpty();
    }

    @Test
    void whatOnlyLookedLikeAStopStringComesOutLater() {
        StopMatcher matcher = new StopMatcher(List.of("abc", "cd"));

        assertThat(matcher.accept("xab")).isEqualTo("x");
        assertThat(matcher.accept("d")).isEqualTo("abd");
        assertThat(matcher.accept("c")).isEmpty();
        assertThat(matcher.finish()).isEqualTo("c");
        assertThat(matcher.found()).isEmpty();
    }

    @Property
    void whatComesOutIsTheTextBeforeTheFirstCompletedStopHoweverItIsCut(
            @ForAll @CharRange(from = 'a', to = 'c') @StringLength(max = 40) String text,
            @ForAll @Size(max = 3) List<@CharRange(from = 'a', to = 'c') @NotEmpty @StringLength(max = 4) String> stops,
            @ForAll @Size(min = 1, max = 12) List<@IntRange(min = 1, max = 6) Integer> cuts) {
        StopMatcher matcher = new StopMatcher(stops);
        StringBuilder out = new StringBuilder();
        List<String> pieces = pieces(text, cuts);

        pieces.forEach(piece -> out.append(matcher.accept(piece)));
        out.append(matcher.finish());

        String seen = "";
        String expected = text;
        for (String piece : pieces) {
            seen += piece;
            int first = firstStop(seen, stops);
            if (first >= 0) {
                expected = seen.substring(0, first);
                break;
            }
        }
        assertThat(out).hasToString(expected);
        assertThat(matcher.found().isPresent()).isEqualTo(firstStop(text, stops) >= 0);
    }

    @Test
    void anEmptyStopStringIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new StopMatcher(List.of("")));
    }

    private static List<String> pieces(String text, List<Integer> cuts) {
        List<String> pieces = new ArrayList<>();
        int from = 0;
        for (int i = 0; from < text.length(); i++) {
            int to = Math.min(text.length(), from + cuts.get(i % cuts.size()));
            pieces.add(text.substring(from, to));
            from = to;
        }
        return pieces;
    }

    private static int firstStop(String text, List<String> stops) {
        return stops.stream()
                .mapToInt(text::indexOf)
                .filter(at -> at >= 0)
                .min()
                .orElse(-1);
    }
}
