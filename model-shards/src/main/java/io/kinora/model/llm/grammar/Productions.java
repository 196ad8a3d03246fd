package io.kinora.model.llm.grammar;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
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

    private static final int MOST_RULES = 100_000;

    private final Grammar grammar;
    private final ToIntFunction<String> idOf;
    private final List<List<List<Element>>> rules = new ArrayList<>();
    private final Map<String, Integer> named = new HashMap<>();

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
        made.refuseLeftRecursion();
        return List.copyOf(made.rules);
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
        Expression expression = grammar.rules().get(name);
        if (expression == null) {
            throw new GrammarException("the grammar has no rule '%s'".formatted(name));
        }
        int rule = reserve();
        named.put(name, rule);
        rules.set(rule, List.of(elements(expression)));
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

    private boolean[] nullable() {
        boolean[] nullable = new boolean[rules.size()];
        boolean[] before;
        do {
            before = nullable.clone();
            for (int rule = 0; rule < rules.size(); rule++) {
                nullable[rule] = rules.get(rule).stream().anyMatch(alternative -> alternative.stream()
                        .allMatch(element -> element instanceof Call call && nullable[call.rule()]));
            }
        } while (!Arrays.equals(before, nullable));
        return nullable;
    }
}
