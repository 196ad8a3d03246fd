package io.kinora.model.text;

import io.kinora.model.text.Tokenizer.Segment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The added and special tokens of a tokenizer: cuts trusted text at their names, and knows the white space they take with
 * them.
 */
final class AddedTokens {
    private final Map<String, AddedToken> byContent = new HashMap<>();
    private final Map<Integer, AddedToken> byId = new HashMap<>();
    private final Map<Character, List<AddedToken>> byFirstChar = new HashMap<>();

    AddedTokens(Collection<AddedToken> tokens) {
        for (AddedToken token : tokens) {
            if (token.content().isEmpty()) {
                throw new TokenizerException("the added token with id %d has no name".formatted(token.id()));
            }
            byContent.put(token.content(), token);
            byId.put(token.id(), token);
            byFirstChar
                    .computeIfAbsent(token.content().charAt(0), first -> new ArrayList<>())
                    .add(token);
        }
        Comparator<AddedToken> longestFirst =
                Comparator.comparingInt(token -> -token.content().length());
        byFirstChar.values().forEach(list -> list.sort(longestFirst));
    }

    Optional<AddedToken> byContent(String content) {
        return Optional.ofNullable(byContent.get(content));
    }

    Optional<AddedToken> byId(int id) {
        return Optional.ofNullable(byId.get(id));
    }

    boolean isSpecial(int id) {
        AddedToken token = byId.get(id);
        return token != null && token.special();
    }

    /** One more than the largest id, at least {@code atLeast}. */
    int endId(int atLeast) {
        return Math.max(
                atLeast,
                byId.keySet().stream().mapToInt(Integer::intValue).max().orElse(-1) + 1);
    }

    /** Cuts at the leftmost name, the longest of those that begin there, and so on. Empty texts are left out. */
    List<Segment> split(String text) {
        List<Segment> segments = new ArrayList<>();
        int from = 0;
        for (int at = 0; at < text.length(); ) {
            Optional<AddedToken> token = startingAt(text, at);
            if (token.isEmpty()) {
                at++;
                continue;
            }
            addText(text.substring(from, at), segments);
            segments.add(new Segment.Token(token.get().id()));
            at += token.get().content().length();
            from = at;
        }
        addText(text.substring(from), segments);
        return segments;
    }

    /** The same segments with neighbouring texts joined; empty texts are left out. */
    List<Segment> join(List<Segment> segments) {
        return joined(segments, false);
    }

    /**
     * The same segments with neighbouring texts joined and the white space dropped that the tokens beside them take; texts
     * that become empty are left out.
     */
    List<Segment> joinAndStrip(List<Segment> segments) {
        return joined(segments, true);
    }

    private List<Segment> joined(List<Segment> segments, boolean strip) {
        List<Segment> joined = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        boolean stripLeft = false;
        for (Segment segment : segments) {
            if (segment instanceof Segment.Text part) {
                text.append(part.text());
            } else if (segment instanceof Segment.Token token) {
                Optional<AddedToken> added = strip ? byId(token.id()) : Optional.empty();
                addText(
                        strip(
                                text,
                                stripLeft,
                                added.filter(AddedToken::stripsLeft).isPresent()),
                        joined);
                text.setLength(0);
                joined.add(token);
                stripLeft = added.filter(AddedToken::stripsRight).isPresent();
            }
        }
        addText(strip(text, stripLeft, false), joined);
        return joined;
    }

    private Optional<AddedToken> startingAt(String text, int at) {
        for (AddedToken token : byFirstChar.getOrDefault(text.charAt(at), List.of())) {
            if (text.startsWith(token.content(), at)) {
                return Optional.of(token);
            }
        }
        return Optional.empty();
    }

    private static void addText(String text, List<Segment> segments) {
        if (!text.isEmpty()) {
            segments.add(new Segment.Text(text));
        }
    }

    private static String strip(CharSequence text, boolean left, boolean right) {
        int from = 0;
        int to = text.length();
        while (left && from < to && PythonText.isSpace(text.charAt(from))) {
            from++;
        }
        while (right && to > from && PythonText.isSpace(text.charAt(to - 1))) {
            to--;
        }
        return text.subSequence(from, to).toString();
    }
}
