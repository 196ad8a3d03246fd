package io.kinora.model.emu2.prompt;

import java.util.List;
import java.util.Locale;

/** The clean-up that the authors apply to answers of one word or phrase before they are compared. */
public final class ShortAnswer {
    private static final List<String> CUTS = List.of(". ", "\"", ", ");
    private static final List<String> LEADING = List.of("it is ", "it's ", "a ", "an ", "the ");

    private ShortAnswer() {}

    /**
     * The first line, up to the first full stop, quotation mark or comma, in lower case, without a final full stop and
     * without one leading "it is", "it's", "a", "an" or "the".
     */
    public static String clean(String answer) {
        String line = answer.strip().lines().findFirst().orElse("");
        for (String cut : CUTS) {
            int at = line.indexOf(cut);
            line = at < 0 ? line : line.substring(0, at);
        }
        String lower = line.strip().toLowerCase(Locale.ROOT);
        String open = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
        return LEADING.stream()
                .filter(open::startsWith)
                .findFirst()
                .map(word -> open.substring(word.length()).strip())
                .orElse(open);
    }
}
