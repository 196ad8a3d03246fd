package io.kinora.model.llm.sample;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Finds stop strings in text that arrives in pieces, also where one stands across pieces. Text that may be the beginning of a stop
 * string is held back until that is decided, so nothing handed out has to be taken back.
 *
 * <p>Not thread-safe; one for each answer.
 */
public final class StopMatcher {
    private final List<String> stops;
    private String held = "";
    private Optional<String> found = Optional.empty();

    /**
     * For these stop strings; may be none.
     *
     * @throws IllegalArgumentException if one is empty
     */
    public StopMatcher(List<String> stops) {
        this.stops = List.copyOf(stops);
        if (stops.stream().anyMatch(String::isEmpty)) {
            throw new IllegalArgumentException("a stop string has at least one character");
        }
    }

    /** Takes the next piece, and gives the text that is certain to stand before any stop string. After a stop nothing comes out. */
    public String accept(String piece) {
        if (found.isPresent()) {
            return "";
        }
        String text = held + piece;
        Optional<String> first = stops.stream()
                .filter(text::contains)
                .min(Comparator.<String>comparingInt(text::indexOf)
                        .thenComparing(Comparator.comparingInt(String::length).reversed()));
        if (first.isPresent()) {
            found = first;
            held = "";
            return text.substring(0, text.indexOf(first.get()));
        }
        int keep = undecided(text);
        held = text.substring(text.length() - keep);
        return text.substring(0, text.length() - keep);
    }

    /** The text held back, once no more comes. */
    public String finish() {
        String rest = held;
        held = "";
        return rest;
    }

    /** The stop string that was found. */
    public Optional<String> found() {
        return found;
    }

    /** Length of the longest end of the text that begins a stop string. */
    private int undecided(String text) {
        int most = stops.stream().mapToInt(String::length).max().orElse(0) - 1;
        for (int length = Math.min(most, text.length()); length > 0; length--) {
            String end = text.substring(text.length() - length);
            if (stops.stream().anyMatch(stop -> stop.startsWith(end))) {
                return length;
            }
        }
        return 0;
    }
}
