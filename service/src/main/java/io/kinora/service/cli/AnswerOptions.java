package io.kinora.service.cli;

import io.kinora.kafka.record.AnswerSettings;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How an answer is written: the options of every command that asks, with the names and limits of a question's fields. */
final class AnswerOptions {
    @Option(names = "--max-tokens", defaultValue = "128", description = "Longest answer. Default: ${DEFAULT-VALUE}.")
    private int maxTokens;

    @Option(
            names = "--temperature",
            defaultValue = "0",
            description = "0 is the best token always. Default: ${DEFAULT-VALUE}.")
    private double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            defaultValue = "0",
            description = "Draws from the K best tokens; 0 for all. Default: ${DEFAULT-VALUE}.")
    private int topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            defaultValue = "1",
            description =
                    "Draws from the best tokens that together reach this probability; 1 for all. Default: ${DEFAULT-VALUE}.")
    private double topP;

    @Option(
            names = "--min-p",
            paramLabel = "P",
            defaultValue = "0",
            description =
                    "Draws from tokens with at least this share of the best one's probability. Default: ${DEFAULT-VALUE}.")
    private double minP;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "X",
            defaultValue = "1",
            description = "Above 1, tokens of the answer are less likely to come again. Default: ${DEFAULT-VALUE}.")
    private double repetitionPenalty;

    @Option(
            names = "--seed",
            defaultValue = "0",
            description = "Of the draws, where the temperature is above 0. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--stop",
            paramLabel = "TEXT",
            description = "Ends the answer before this text; may be given several times.")
    private List<String> stop = List.of();

    @Option(
            names = "--beams",
            paramLabel = "N",
            defaultValue = "1",
            description = "Searches with N beams; the answer comes in one piece. Default: ${DEFAULT-VALUE}, no search.")
    private int beams;

    @Option(
            names = "--length-penalty",
            paramLabel = "X",
            description = "Of a beam search: below 0 for short answers, above 0 for long ones. Default: as released.")
    private Optional<Double> lengthPenalty = Optional.empty();

    @Option(
            names = "--logprobs",
            paramLabel = "N",
            description = "With --json: each token's log-probability, and those of the N most probable at its place.")
    private Optional<Integer> logprobs = Optional.empty();

    @Option(
            names = "--choices",
            paramLabel = "A,B",
            split = ",",
            description = "The only answers allowed; prints how probable each is. Example: --choices yes,no")
    private List<String> choices = List.of();

    /**
     * The settings.
     *
     * @throws IllegalArgumentException if one is not allowed; the message names it and what is allowed
     */
    AnswerSettings settings() {
        return new AnswerSettings(
                maxTokens,
                temperature,
                topK,
                topP,
                minP,
                repetitionPenalty,
                seed,
                stop,
                beams,
                lengthPenalty,
                logprobs,
                choices);
    }
}
