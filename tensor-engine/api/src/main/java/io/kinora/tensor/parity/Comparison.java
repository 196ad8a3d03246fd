package io.kinora.tensor.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.tensor.Shape;
import io.kinora.tensor.parity.OutputReport.Verdict;
import io.kinora.tensor.parity.ParityOutputs.Literal;
import io.kinora.tensor.parity.ParityOutputs.Numbers;
import io.kinora.tensor.parity.ParityOutputs.Output;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** Compares outputs as the format demands. Nested lists of numbers and tensors of the same shape are the same thing. */
final class Comparison {
    private static final int SHOWN = 200;

    private Comparison() {}

    static OutputReport literal(String name, JsonNode want, Output got) {
        Optional<Numbers> numbers = numbers(want);
        if (numbers.isPresent() && got instanceof Numbers tensor) {
            return tensor(new ExpectedOutput.OfTensor(name, name, 0, 0), numbers.get(), tensor);
        }
        if (got instanceof Literal literal && equal(want, literal.value())) {
            return new OutputReport(name, Verdict.AGREES, 0, 0, 0, 0, List.of(), "");
        }
        String found = got instanceof Literal literal ? shown(literal.value().toString()) : "a tensor";
        return differs(name, 0, 0, "got %s, expected %s".formatted(found, shown(want.toString())));
    }

    static OutputReport tensor(ExpectedOutput.OfTensor expected, Numbers want, Output output) {
        Optional<Numbers> found =
                output instanceof Numbers numbers ? Optional.of(numbers) : numbers(((Literal) output).value());
        if (found.isEmpty()) {
            return differs(expected.name(), expected.atol(), expected.rtol(), "got a literal, expected a tensor");
        }
        Numbers got = found.get();
        if (!got.shape().equals(want.shape())) {
            return differs(
                    expected.name(),
                    expected.atol(),
                    expected.rtol(),
                    "got shape %s, expected %s".formatted(got.shape(), want.shape()));
        }
        return elements(expected, want, got);
    }

    private static OutputReport elements(ExpectedOutput.OfTensor expected, Numbers want, Numbers got) {
        double atol = want.whole() ? 0 : expected.atol();
        double rtol = want.whole() ? 0 : expected.rtol();
        double largest = 0;
        double peak = 0;
        double worstExcess = Double.NEGATIVE_INFINITY;
        int worst = 0;
        for (int i = 0; i < want.count(); i++) {
            double error = Math.abs(got.at(i) - want.at(i));
            double excess = error - (atol + rtol * Math.abs(want.at(i)));
            if (Double.isNaN(error)) {
                // Not a number where a number is expected is beyond every tolerance.
                error = Double.compare(got.at(i), want.at(i)) == 0 ? 0 : Double.POSITIVE_INFINITY;
                excess = error;
            }
            largest = Math.max(largest, error);
            peak = Math.max(peak, Math.abs(want.at(i)));
            if (excess > worstExcess) {
                worstExcess = excess;
                worst = i;
            }
        }
        boolean agrees = worstExcess <= 0 || want.count() == 0;
        String detail = agrees ? "" : "got %s, expected %s".formatted(got.at(worst), want.at(worst));
        return new OutputReport(
                expected.name(),
                agrees ? Verdict.AGREES : Verdict.DIFFERS,
                largest,
                largest == 0 ? 0 : largest / peak,
                atol,
                rtol,
                want.count() == 0 ? List.of() : index(want.shape(), worst),
                detail);
    }

    private static List<Long> index(Shape shape, int flat) {
        List<Long> index = new ArrayList<>();
        long rest = flat;
        for (int axis = shape.rank() - 1; axis >= 0; axis--) {
            index.add(0, rest % shape.dim(axis));
            rest /= shape.dim(axis);
        }
        return index;
    }

    private static OutputReport differs(String name, double atol, double rtol, String detail) {
        return new OutputReport(name, Verdict.DIFFERS, Double.NaN, Double.NaN, atol, rtol, List.of(), detail);
    }

    /** Nested lists of whole numbers as numbers with a shape; empty for anything else, ragged lists included. */
    private static Optional<Numbers> numbers(JsonNode node) {
        List<Long> sizes = new ArrayList<>();
        JsonNode first = node;
        while (first.isArray()) {
            sizes.add((long) first.size());
            first = first.path(0);
        }
        List<Long> values = new ArrayList<>();
        if (sizes.isEmpty() || !flatten(node, sizes, 0, values)) {
            return Optional.empty();
        }
        Shape shape = Shape.of(sizes.stream().mapToLong(Long::longValue).toArray());
        return Optional.of(
                new Numbers(shape, values.stream().mapToLong(Long::longValue).toArray()));
    }

    private static boolean flatten(JsonNode node, List<Long> sizes, int depth, List<Long> values) {
        if (depth == sizes.size()) {
            values.add(node.asLong());
            return node.isIntegralNumber();
        }
        if (!node.isArray() || node.size() != sizes.get(depth)) {
            return false;
        }
        for (JsonNode child : node) {
            if (!flatten(child, sizes, depth + 1, values)) {
                return false;
            }
        }
        return true;
    }

    /** Equality that does not mind how a number is written. */
    private static boolean equal(JsonNode want, JsonNode got) {
        if (want.isNumber() && got.isNumber()) {
            return want.decimalValue().compareTo(got.decimalValue()) == 0;
        }
        if (want.getNodeType() != got.getNodeType() || want.size() != got.size()) {
            return false;
        }
        if (want.isArray()) {
            Iterator<JsonNode> others = got.iterator();
            for (JsonNode child : want) {
                if (!equal(child, others.next())) {
                    return false;
                }
            }
            return true;
        }
        return want.isObject()
                ? want.properties().stream().allMatch(field -> equal(field.getValue(), got.path(field.getKey())))
                : want.equals(got);
    }

    private static String shown(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }
}
