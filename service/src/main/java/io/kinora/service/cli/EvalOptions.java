package io.kinora.service.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.kinora.training.eval.Score;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Options of every evaluation, and the form of its results. */
final class EvalOptions {
    @Option(
            names = "--clips",
            paramLabel = "N",
            defaultValue = "200",
            description = "How many clips. Default: ${DEFAULT-VALUE}.")
    int clips;

    @Option(
            names = "--require",
            paramLabel = "ROW=SHARE",
            description = "Exits with status 1 unless this row of the table reaches this share; may be given several"
                    + " times. Example: --require colour=0.95")
    private Map<String, Double> required = new LinkedHashMap<>();

    @Option(names = "--json", description = "Prints JSON, with everything that was wrong.")
    private boolean json;

    /** Refuses what no evaluation can do. */
    void check() {
        if (clips < 1) {
            throw new BadInputException("--clips is %d, allowed are 1 and more".formatted(clips));
        }
        required.forEach((row, share) -> {
            if (!(share >= 0 && share <= 1)) {
                throw new BadInputException("--require %s=%s, allowed are shares from 0 to 1".formatted(row, share));
            }
        });
    }

    /**
     * Prints the table, and says whether every row that is required reaches its share.
     *
     * @param facts what is told besides
     * @param details what only programs want to read
     */
    int report(CommandSpec spec, Map<String, Score> rows, Map<String, Object> facts, Map<String, Object> details)
            throws JsonProcessingException {
        required.keySet().stream()
                .filter(row -> !rows.containsKey(row))
                .findFirst()
                .ifPresent(row -> {
                    throw new BadInputException("--require names %s, allowed are %s".formatted(row, rows.keySet()));
                });
        Map<String, Object> values = new LinkedHashMap<>(facts);
        if (json) {
            Map<String, Object> scores = new LinkedHashMap<>();
            rows.forEach((row, score) ->
                    scores.put(row, Map.of("right", score.right(), "total", score.total(), "share", score.share())));
            values.put("scores", scores);
            values.putAll(details);
        } else {
            values.putAll(rows);
        }
        Output.print(spec, json, values);
        boolean reached = required.entrySet().stream()
                .allMatch(entry -> rows.get(entry.getKey()).share() >= entry.getValue());
        return reached ? ExitStatus.DONE : ExitStatus.FAILED;
    }
}
