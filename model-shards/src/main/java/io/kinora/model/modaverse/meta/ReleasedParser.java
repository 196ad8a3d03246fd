package io.kinora.model.modaverse.meta;

import io.kinora.model.text.PythonText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The parser of the authors' code, to the letter: the flags by how often they stand anywhere in the answer, and one prompt for all. What
 * the service acts on is {@link MetaResponseParser}; this one is for comparing with the official implementation. Stateless.
 */
final class ReleasedParser {
    /** What Python takes for white space. */
    private static final String BLANK =
            "[ \\t-\\r\\x1c-\\x1f\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";

    private static final Pattern PROMPT = Pattern.compile("(?s)(?:\\[[^\\]]*+\\]" + BLANK
            + "*+)*+(?<![\\p{L}\\p{N}_])Prompt:" + BLANK + "*(?<prompt>.+?)(?:" + BLANK + "*###|(?=\\n?\\z))");

    private ReleasedParser() {}

    /**
     * What the released code makes of an answer.
     *
     * @param modalities most frequent first
     * @param prompt the prompt of them all
     */
    record Parsed(List<Modality> modalities, String prompt) {
        Parsed {
            modalities = List.copyOf(modalities);
        }
    }

    /** Empty where the released code fails. */
    static Optional<Parsed> parse(String answer) {
        Matcher prompt = PROMPT.matcher(answer);
        if (!prompt.find()) {
            return Optional.empty();
        }
        Map<Modality, Integer> counts = Modality.ALL.stream()
                .collect(Collectors.toMap(Function.identity(), modality -> count(answer, modality.flag())));
        List<Modality> found = new ArrayList<>(Modality.ALL);
        found.removeIf(modality -> counts.getOrDefault(modality, 0) == 0);
        found.sort(Comparator.comparingInt((Modality modality) -> counts.getOrDefault(modality, 0))
                .reversed());
        return Optional.of(
                new Parsed(found.isEmpty() ? List.of(Modality.TEXT) : found, PythonText.strip(prompt.group("prompt"))));
    }

    private static int count(String text, String word) {
        int count = 0;
        for (int at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length())) {
            count++;
        }
        return count;
    }
}
