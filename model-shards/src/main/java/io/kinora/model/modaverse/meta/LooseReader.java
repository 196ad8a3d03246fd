package io.kinora.model.modaverse.meta;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads JSON as language models write it: single quotes, names without quotes, tuples in parentheses, commas at the end. What follows the
 * value is left alone. Not thread-safe.
 */
final class LooseReader {
    private static final int DEEPEST = 16;
    private static final String STRUCTURE = ",:{}[]()\"'";
    private static final int HEX_DIGITS = 4;
    private static final int HEX = 16;

    private final String text;
    private int at;

    private LooseReader(String text) {
        this.text = text;
    }

    /** The value that the text begins with; empty if there is none, or it does not end. */
    static Optional<LooseValue> read(String text) {
        return new LooseReader(text).value(0);
    }

    private Optional<LooseValue> value(int depth) {
        skipBlanks();
        if (at == text.length() || depth > DEEPEST) {
            return Optional.empty();
        }
        return switch (text.charAt(at)) {
            case '{' -> fields(depth);
            case '[' -> items(']', depth);
            case '(' -> items(')', depth);
            case '"', '\'' -> quoted().map(LooseValue.Word::new);
            default -> bare().map(LooseValue.Word::new);
        };
    }

    private Optional<LooseValue> items(char end, int depth) {
        at++;
        List<LooseValue> values = new ArrayList<>();
        while (!skip(end)) {
            Optional<LooseValue> value = value(depth + 1);
            if (value.isEmpty() || !separated(end)) {
                return Optional.empty();
            }
            values.add(value.get());
        }
        return Optional.of(new LooseValue.Items(values));
    }

    private Optional<LooseValue> fields(int depth) {
        at++;
        Map<String, LooseValue> byName = new HashMap<>();
        while (!skip('}')) {
            skipBlanks();
            boolean isQuoted = at < text.length() && "\"'".indexOf(text.charAt(at)) >= 0;
            Optional<String> name = isQuoted ? quoted() : bare();
            if (name.isEmpty() || !skip(':')) {
                return Optional.empty();
            }
            Optional<LooseValue> value = value(depth + 1);
            if (value.isEmpty() || !separated('}')) {
                return Optional.empty();
            }
            byName.put(name.get(), value.get());
        }
        return Optional.of(new LooseValue.Fields(byName));
    }

    /** A comma follows, or the end. */
    private boolean separated(char end) {
        if (skip(',')) {
            return true;
        }
        skipBlanks();
        return at < text.length() && text.charAt(at) == end;
    }

    private Optional<String> quoted() {
        char quote = text.charAt(at++);
        StringBuilder word = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == quote) {
                return Optional.of(word.toString());
            }
            if (c == '\\' && at < text.length()) {
                escaped(word);
            } else {
                word.append(c);
            }
        }
        return Optional.empty();
    }

    private void escaped(StringBuilder word) {
        char c = text.charAt(at++);
        switch (c) {
            case 'n' -> word.append('\n');
            case 't' -> word.append('\t');
            case 'r' -> word.append('\r');
            case 'b' -> word.append('\b');
            case 'f' -> word.append('\f');
            case 'u' -> unicode(word);
            default -> word.append(c);
        }
    }

    private void unicode(StringBuilder word) {
        int code = 0;
        for (int i = at; i < at + HEX_DIGITS; i++) {
            int digit = i < text.length() ? Character.digit(text.charAt(i), HEX) : -1;
            if (digit < 0) {
                word.append('u');
                return;
            }
            code = code * HEX + digit;
        }
        word.append((char) code);
        at += HEX_DIGITS;
    }

    private Optional<String> bare() {
        int from = at;
        while (at < text.length() && STRUCTURE.indexOf(text.charAt(at)) < 0) {
            at++;
        }
        String word = text.substring(from, at).strip();
        return word.isEmpty() ? Optional.empty() : Optional.of(word);
    }

    private boolean skip(char wanted) {
        skipBlanks();
        if (at < text.length() && text.charAt(at) == wanted) {
            at++;
            return true;
        }
        return false;
    }

    private void skipBlanks() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }
}
