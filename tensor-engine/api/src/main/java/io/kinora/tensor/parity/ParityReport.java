package io.kinora.tensor.parity;

import io.kinora.tensor.parity.OutputReport.Verdict;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What running a parity case gave.
 *
 * @param folder the case
 * @param component what was run; empty if the case could not be opened
 * @param outputs each output of the case, in its order; empty if it failed before
 * @param failure why it could not be run to its end
 */
public record ParityReport(Path folder, String component, List<OutputReport> outputs, Optional<String> failure) {
    /** Copies the list. */
    public ParityReport {
        outputs = List.copyOf(outputs);
    }

    /** True if it ran, no output differs, and at least one was compared. */
    public boolean agrees() {
        boolean compared = outputs.stream().anyMatch(output -> output.verdict() == Verdict.AGREES);
        boolean differs = outputs.stream().anyMatch(output -> output.verdict() == Verdict.DIFFERS);
        return failure.isEmpty() && compared && !differs;
    }
}
