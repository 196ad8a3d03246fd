package io.kinora.service.cli;

import akka.stream.javadsl.Sink;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.kinora.actors.answer.AnswerCost;
import io.kinora.actors.answer.AnswerEvent;
import io.kinora.actors.answer.AnswerRequest;
import io.kinora.actors.answer.Conversation;
import io.kinora.actors.pipeline.AnswerRecords;
import io.kinora.kafka.record.AnswerSettings;
import io.kinora.service.KinoraNode;
import io.kinora.video.DecodeLimits;
import io.kinora.video.VideoSource;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kinora ask}: a question about a clip, without Kafka. */
@Command(
        name = "ask",
        mixinStandardHelpOptions = true,
        description = "Asks a question about a clip, here and now, and prints the answer as it comes.",
        footer = {
            "",
            "Examples:",
            "  kinora ask clip.mp4 \"What moves, and where to?\" --frames 16",
            "  kinora ask clip.mp4 \"Is the gate open?\" --choices yes,no"
        })
final class AskCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "CLIP", description = "A file or an http(s) address.")
    private String clip = "";

    @Parameters(
            index = "1",
            arity = "1..*",
            paramLabel = "QUESTION",
            description = "One question, or several about the same clip.")
    private List<String> questions = List.of();

    @Option(
            names = "--frames",
            defaultValue = "8",
            description = "Frames the model looks at: 8, 12 or 16. Default: ${DEFAULT-VALUE}.")
    private int frames;

    @Mixin
    private AnswerOptions answer = new AnswerOptions();

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Mixin
    private NodeOptions options = new NodeOptions();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (frames != 8 && frames != 12 && frames != 16) {
            throw new BadInputException("--frames is %d, allowed are 8, 12 and 16".formatted(frames));
        }
        AnswerSettings settings = answer.settings();
        VideoSource source = new ClipArgument(clip).source();
        String sha256 = new ClipArgument(clip).sha256();
        try (KinoraNode node = KinoraNode.start(options.config())) {
            Terminal terminal = Terminal.standard();
            if (node.card().untrained()) {
                terminal.line("This checkpoint is untrained: the answer is nonsense.");
            }
            for (String question : questions) {
                ask(node, source, sha256, question, settings, terminal);
            }
        }
        return ExitStatus.DONE;
    }

    private void ask(
            KinoraNode node,
            VideoSource source,
            String sha256,
            String question,
            AnswerSettings settings,
            Terminal terminal)
            throws JsonProcessingException {
        AnswerRequest request = new AnswerRequest(
                UUID.randomUUID().toString(),
                Conversation.aboutClip(
                        new Conversation.Clip(source, sha256, frames, DecodeLimits.defaults()), question),
                AnswerRecords.reply(settings),
                0,
                Optional.empty());
        PrintWriter out = spec.commandLine().getOut();
        AnswerRecords.Scores scores = new AnswerRecords.Scores();
        AnswerEvent last = node.answers()
                .ask(request)
                .map(event -> {
                    scores.accept(event);
                    if (!json && event instanceof AnswerEvent.Piece piece) {
                        out.print(piece.text());
                        out.flush();
                    }
                    return event;
                })
                .runWith(Sink.last(), node.system())
                .toCompletableFuture()
                .join();
        if (last instanceof AnswerEvent.NotAnswered failed) {
            throw new BadInputException(failed.reason());
        }
        AnswerEvent.Answered answered = (AnswerEvent.Answered) last;
        if (json) {
            Map<String, Object> facts = facts(node, question, answered);
            AnswerRecords.choices(settings, answered).ifPresent(choices -> facts.put("choices", choices));
            scores.all().ifPresent(logprobs -> facts.put("logprobs", logprobs));
            Output.print(spec, true, facts);
        } else {
            AnswerRecords.choices(settings, answered)
                    .ifPresentOrElse(
                            choices -> choices.forEach(choice ->
                                    out.printf(Locale.ROOT, "%.4f  %s%n", choice.probability(), choice.choice())),
                            out::println);
            out.flush();
            terminal.line(summary(answered.cost()));
        }
    }

    private static Map<String, Object> facts(KinoraNode node, String question, AnswerEvent.Answered answered) {
        AnswerCost cost = answered.cost();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("question", question);
        facts.put("answer", answered.text());
        facts.put("finishReason", answered.end().name().toLowerCase(Locale.ROOT));
        facts.put("model", node.card().name());
        facts.put("untrained", node.card().untrained());
        facts.put(
                "frameSeconds",
                answered.timestamps().stream().map(AskCommand::seconds).toList());
        facts.put("promptTokens", cost.promptTokens());
        facts.put("reusedTokens", cost.reusedTokens());
        facts.put("newTokens", cost.newTokens());
        facts.put("clipReused", cost.clipReused());
        facts.put("firstTokenSeconds", seconds(cost.firstToken()));
        tokensPerSecond(cost).ifPresent(rate -> facts.put("tokensPerSecond", rate));
        return facts;
    }

    private static String summary(AnswerCost cost) {
        return String.format(
                Locale.ROOT,
                "first token %.2f s%s; %d of %d prompt tokens reused%s; decode %.2f s, encode %.2f s, prefill %.2f s",
                seconds(cost.firstToken()),
                tokensPerSecond(cost)
                        .map(rate -> String.format(Locale.ROOT, ", %.1f tokens/s", rate))
                        .orElse(""),
                cost.reusedTokens(),
                cost.promptTokens(),
                cost.clipReused() ? ", clip reused" : "",
                seconds(cost.decode()),
                seconds(cost.encode()),
                seconds(cost.prefill()));
    }

    /** Of the tokens behind the first, if there are any. */
    private static Optional<Double> tokensPerSecond(AnswerCost cost) {
        return cost.newTokens() < 2 || cost.generate().isZero()
                ? Optional.empty()
                : Optional.of((cost.newTokens() - 1) / seconds(cost.generate()));
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
