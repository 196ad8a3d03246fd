package io.kinora.tensor.parity;

import java.util.List;
import java.util.Locale;

/**
 * How one output compares with the official one.
 *
 * @param name the output's name
 * @param verdict whether it agrees
 * @param absoluteError largest difference of an element; 0 for literals, NaN where there was nothing to compare
 * @param relativeError that difference over the largest official element
 * @param atol allowed difference, absolute
 * @param rtol allowed difference, relative to the official element
 * @param worst index of the element furthest beyond (or nearest to) what is allowed; empty for literals
 * @param detail what is wrong, for people; empty if it agrees
 */
public record OutputReport(
        String name,
        Verdict verdict,
        double absoluteError,
        double relativeError,
        double atol,
        double rtol,
        List<Long> worst,
        String detail) {
    /** The result of a comparison. */
    public enum Verdict {
        AGREES,
        DIFFERS,
        /** The implementation has no such output. */
        LEFT_OUT
    }

    /** Copies the list. */
    public OutputReport {
        worst = List.copyOf(worst);
    }

    /** One line for people. */
    public String line() {
        return switch (verdict) {
            case LEFT_OUT -> "%-24s left out: no output of that name".formatted(name);
            case AGREES, DIFFERS ->
                String.format(
                        Locale.ROOT,
                        "%-24s %-7s largest error %.3g absolute, %.3g relative (allowed %.3g + %.3g x) at %s%s",
                        name,
                        verdict == Verdict.AGREES ? "agrees" : "DIFFERS",
                        absoluteError,
                        relativeError,
                        atol,
                        rtol,
                        worst,
                        detail.isEmpty() ? "" : ": " + detail);
        };
    }
}
