package io.kinora.model.llm.grammar;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

/** A grammar in its plainest form: numbered rules, each a choice of sequences of bytes, tokens and calls of rules. */
final class Productions {
    /** An element of a sequence. */
    sealed interface Element {}

    /** A byte from one value to another, both included. */
    record ByteRange(int from, int to) implements Element {}

    /** A token by its id. */
    record Named(int id) implements Element {}

    /** Whatever a rule stands for. */
    record Call(int rule) implements Element {}

    /** A grammar comes from whoever asks: what it takes to compile it is bounded. */
    private static final int MOST_RULES = 50_000;

    private static final int MOST_ELEMENTS = 1_000_000;
    private static final int MOST_NESTED = 3_000;

    private final Grammar grammar;
    private final ToIntFunction<String> idOf;
    private final List<List<List<Element>>> rules = new ArrayList<>();
    private final Map<String, Integer> named = new HashMap<>();
    private final Deque<String> unread = new ArrayDeque<>();
    private long elements;

    private Productions(Grammar grammar, ToIntFunction<String> idOf) {
        this.grammar = grammar;
        this.idOf = idOf;
    }

    /**
     * The rules of a grammar; the first one is its start.
     *
     * @param idOf the id of a token by its name, or less than zero
     * @throws GrammarException if a rule or a token is unknown, or a rule begins with itself
     */
    static List<List<List<Element>>> of(Grammar grammar, ToIntFunction<String> idOf) {
        Productions made = new Productions(grammar, idOf);
        int start = made.reserve();
        made.rules.set(start, List.of(made.elements(grammar.start())));
        made.readNamed();
        made.refuseLeftRecursion();
        return List.copyOf(made.rules);
    }

    /** One rule after the other, however deep they call each other. */
    private void readNamed() {
        for (String name = unread.poll(); name != null; name = unread.poll()) {
            rules.set(named.get(name), List.of(elements(grammar.rules().get(name))));
        }
    }

    private void count(long more) {
        elements += more;
        if (elements > MOST_ELEMENTS) {
            throw new GrammarException("the grammar has more than %,d elements".formatted(MOST_ELEMENTS));
        }
    }

    private int reserve() {
        if (rules.size() == MOST_RULES) {
            throw new GrammarException("the grammar has more than %,d rules".formatted(MOST_RULES));
        }
        rules.add(List.of());
        return rules.size() - 1;
    }

    private int rule(List<List<Element>> alternatives) {
        int rule = reserve();
        rules.set(rule, List.copyOf(alternatives));
        return rule;
    }

    private List<Element> elements(Expression expression) {
        if (expression instanceof Expression.Text text) {
            return bytes(text.text());
        }
        if (expression instanceof Expression.Symbol character) {
            return List.of(new Call(rule(Utf8Ranges.of(character.ranges(), character.excluded()).stream()
                    .map(spelling -> spelling.stream()
                            .map(b -> (Element) new ByteRange(b.from(), b.to()))
                            .toList())
                    .toList())));
        }
        if (expression instanceof Expression.Token token) {
            int id = idOf.applyAsInt(token.name());
            if (id < 0) {
                throw new GrammarException("the vocabulary has no token '%s'".formatted(token.name()));
            }
            return List.of(new Named(id));
        }
        if (expression instanceof Expression.Sequence sequence) {
            return sequence.parts().stream()
                    .flatMap(part -> elements(part).stream())
                    .toList();
        }
        if (expression instanceof Expression.Choice choice) {
            return List.of(new Call(
                    rule(choice.alternatives().stream().map(this::elements).toList())));
        }
        if (expression instanceof Expression.Repeat repeat) {
            return repeated(repeat);
        }
        return List.of(new Call(named(((Expression.Rule) expression).name())));
    }

    private static List<Element> bytes(String text) {
        List<Element> elements = new ArrayList<>();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            elements.add(new ByteRange(b & 0xff, b & 0xff));
        }
        return elements;
    }

    private List<Element> repeated(Expression.Repeat repeat) {
        List<Element> once = elements(repeat.part());
        List<Element> all = new ArrayList<>();
        count((long) once.size() * (repeat.least() + repeat.most().orElse(0)));
        for (int i = 0; i < repeat.least(); i++) {
            all.addAll(once);
        }
        if (repeat.most().isEmpty()) {
            int again = reserve();
            rules.set(again, List.of(followed(once, again), List.of()));
            all.add(new Call(again));
            return all;
        }
        int rest = rule(List.of(List.of()));
        for (int i = repeat.least(); i < repeat.most().getAsInt(); i++) {
            rest = rule(List.of(followed(once, rest), List.of()));
        }
        all.add(new Call(rest));
        return all;
    }

    private static List<Element> followed(List<Element> elements, int rule) {
        List<Element> longer = new ArrayList<>(elements);
        longer.add(new Call(rule));
        return List.copyOf(longer);
    }

    private int named(String name) {
        Integer known = named.get(name);
        if (known != null) {
            return known;
        }
        if (!grammar.rules().containsKey(name)) {
            throw new GrammarException("the grammar has no rule '%s'".formatted(name));
        }
        int rule = reserve();
        named.put(name, rule);
        unread.add(name);
        return rule;
    }

    /** A rule that can call itself before anything was read would call itself for ever. */
    private void refuseLeftRecursion() {
        boolean[] nullable = nullable();
        int[] seen = new int[rules.size()]; // 0 not yet, 1 on the way, 2 done
        for (int rule = 0; rule < rules.size(); rule++) {
            visit(rule, nullable, seen, new HashSet<>());
        }
    }

    private void visit(int rule, boolean[] nullable, int[] seen, Set<Integer> way) {
        if (seen[rule] == 2) {
            return;
        }
        if (way.size() > MOST_NESTED) {
            throw new GrammarException(
                    "more than %,d rules of the grammar begin with each other".formatted(MOST_NESTED));
        }
        if (!way.add(rule)) {
            String name = named.entrySet().stream()
                    .filter(entry -> entry.getValue() == rule)
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElse("of a repetition");
            throw new GrammarException("the rule '%s' begins with itself, or repeats nothing".formatted(name));
        }
        for (List<Element> alternative : rules.get(rule)) {
            for (Element element : alternative) {
                if (!(element instanceof Call call)) {
                    break;
                }
                visit(call.rule(), nullable, seen, way);
                if (!nullable[call.rule()]) {
                    break;
                }
            }
        }
        way.remove(rule);
        seen[rule] = 2;
    }

    /** An alternative of calls only: it stands for nothing once each of them does. */
    private static final class Pending {
        private final int rule;
        private int left;

        Pending(int rule, int left) {
            this.rule = rule;
            this.left = left;
        }
    }

    /** Which rules may stand for nothing: from those that plainly do to those that call only such, each looked at once. */
    private boolean[] nullable() {
        List<List<Pending>> callers = new ArrayList<>();
        rules.forEach(rule -> callers.add(new ArrayList<>()));
        Deque<Integer> found = new ArrayDeque<>();
        for (int rule = 0; rule < rules.size(); rule++) {
            for (List<Element> alternative : rules.get(rule)) {
                if (alternative.isEmpty()) {
                    found.add(rule);
                } else if (alternative.stream().allMatch(Call.class::isInstance)) {
                    Pending pending = new Pending(rule, alternative.size());
                    alternative.forEach(
                            call -> callers.get(((Call) call).rule()).add(pending));
                }
            }
        }
        boolean[] nullable = new boolean[rules.size()];
        while (!found.isEmpty()) {
            int rule = found.remove();
            if (!nullable[rule]) {
                nullable[rule] = true;
                for (Pending caller : callers.get(rule)) {
                    caller.left--;
                    if (caller.left == 0) {
                        found.add(caller.rule);
                    }
                }
            }
        }
        return nullable;
    }
}
