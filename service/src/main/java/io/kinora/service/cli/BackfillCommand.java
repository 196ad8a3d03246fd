package io.kinora.service.cli;

import io.kinora.actors.pipeline.Backfill;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.exchange.KinoraClient;
import io.kinora.kafka.record.StandingQuestion;
import io.kinora.kafka.record.Subscription;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kinora backfill}: a question asked about clips that went by. */
@Command(
        name = "backfill",
        mixinStandardHelpOptions = true,
        description = {
            "Asks a question about the clips of some time past that the topic still keeps, at a bounded rate.",
            "The answers have the ids that a standing question would have given them, and no clip is answered twice: what"
                    + " is interrupted is run again."
        },
        footer = {
            "",
            "Examples:",
            "  kinora backfill --question gate --from 2026-11-01T00:00 --to 2026-11-08T00:00",
            "  kinora backfill --question \"Is there a van?\" --choices yes,no --streams 'cam*' --from PT12H --rate 2",
            "A question that does not stand yet is kept as a paused one; 'kinora stand resume' asks it from then on."
        })
final class BackfillCommand implements Callable<Integer> {
    private static final long REPORT_EVERY_NANOS = 5_000_000_000L;

    @Option(
            names = "--question",
            required = true,
            paramLabel = "ID|TEXT",
            description = "A standing question's id; or what is asked.")
    private String question = "";

    @Option(names = "--id", paramLabel = "ID", description = "The name of a new question. Default: from its text.")
    private Optional<String> id = Optional.empty();

    @Option(
            names = "--from",
            required = true,
            paramLabel = "TIME",
            description = "The oldest clip: 2026-11-01T00:00:00Z, 2026-11-01T00:00 (in UTC), or an age such as PT12H.")
    private String from = "";

    @Option(names = "--to", paramLabel = "TIME", description = "The end, not included. Default: now.")
    private Optional<String> to = Optional.empty();

    @Option(
            names = {"--streams", "--stream"},
            paramLabel = "PATTERN",
            defaultValue = "*",
            description = "Of a new question: which streams; * stands for any text, ? for one character. Default: all.")
    private String streams = "*";

    @Option(
            names = "--frames",
            defaultValue = "8",
            description = "Of a new question: frames the model looks at, 8, 12 or 16. Default: ${DEFAULT-VALUE}.")
    private int frames;

    @Mixin
    private AnswerOptions answer = new AnswerOptions();

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "5",
            description = "Questions a second, at most. Default: ${DEFAULT-VALUE}.")
    private double rate;

    @Option(
            names = "--at-once",
            paramLabel = "N",
            defaultValue = "16",
            description = "Questions that wait for an answer, at most. Default: ${DEFAULT-VALUE}.")
    private int atOnce;

    @Mixin
    private JsonOption json = new JsonOption();

    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    @Spec
    private CommandSpec spec;

    private long reportedAt = System.nanoTime();

    @Override
    public Integer call() {
        Instant begin = Times.instantOrAge(from);
        Instant end = to.map(Times::instantOrAge).orElseGet(Instant::now);
        KafkaClients clients = cluster.clients();
        Subscription subscription;
        try (KinoraClient client = new KinoraClient(clients, ClusterCommand.SOURCE)) {
            subscription = subscription(client);
        }
        PrintWriter out = spec.commandLine().getOut();
        Backfill.Report report = new Backfill(clients, ClusterCommand.SOURCE)
                .run(new Backfill.Request(subscription, begin, end, rate, atOnce), this::heard);
        json.say(out, "%s: %s".formatted(subscription.id(), words(report)), facts(subscription, report));
        return ExitStatus.DONE;
    }

    /** The one that stands under that id, or a new one that is paused. */
    private Subscription subscription(KinoraClient client) {
        Optional<Subscription> standing = find(client, question);
        if (standing.isPresent()) {
            return standing.get();
        }
        StandingQuestion asked = StandingQuestion.of(question, frames, answer.settings());
        String name = id.orElseGet(
                () -> "backfill-" + Subscription.of("backfill", streams, asked).version());
        Subscription fresh = Subscription.of(name, streams, asked)
                .withState(Subscription.State.PAUSED)
                .withSince(Instant.now());
        Optional<Subscription> before = find(client, name);
        if (before.isEmpty()) {
            client.subscribe(fresh);
            return fresh;
        }
        if (!before.get().version().equals(fresh.version())
                || !before.get().streams().equals(streams)) {
            throw new BadInputException(
                    "another question stands as '%s': give --question %s to run that one, or another --id"
                            .formatted(name, name));
        }
        return before.get();
    }

    private static Optional<Subscription> find(KinoraClient client, String name) {
        return client.subscriptions().stream()
                .filter(subscription -> subscription.id().equals(name))
                .findFirst();
    }

    private void heard(Backfill.Report report) {
        if (System.nanoTime() - reportedAt > REPORT_EVERY_NANOS) {
            reportedAt = System.nanoTime();
            spec.commandLine().getErr().println(words(report));
            spec.commandLine().getErr().flush();
        }
    }

    private static Map<String, Object> facts(Subscription subscription, Backfill.Report report) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("subscription", subscription.id());
        facts.put("clips", report.clips());
        facts.put("passed", report.passed());
        facts.put("known", report.known());
        facts.put("asked", report.asked());
        facts.put("answered", report.answered());
        return facts;
    }

    private static String words(Backfill.Report report) {
        return "%d clips, %d not asked about by its rules, %d known already, %d asked, %d answered"
                .formatted(report.clips(), report.passed(), report.known(), report.asked(), report.answered());
    }
}
