package io.kinora.service.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.exchange.KinoraClient;
import io.kinora.kafka.record.StandingQuestion;
import io.kinora.kafka.record.Subscription;
import io.kinora.kafka.record.WhenBehind;
import io.kinora.kafka.record.WireJson;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kinora stand}: questions that are asked about every clip of some streams. They are records of a compacted topic, written and read here. */
@Command(
        name = "stand",
        mixinStandardHelpOptions = true,
        description =
                "Asks a question about every clip that comes: creates, lists, pauses, resumes and deletes standing questions.",
        footer = {
            "",
            "Examples:",
            "  kinora stand set gate --streams 'cam*' \"Is the gate open?\" --choices yes,no --alert yes --threshold 0.8",
            "  kinora stand pause gate"
        },
        subcommands = {
            StandCommand.Set.class,
            StandCommand.Show.class,
            StandCommand.Pause.class,
            StandCommand.Resume.class,
            StandCommand.Delete.class
        })
final class StandCommand {
    private StandCommand() {}

    /** What has become of a question: in words, or as it lies on the topic. */
    private static void say(JsonOption json, PrintWriter out, String words, Subscription subscription) {
        out.println(json.isGiven() ? new String(WireJson.write(subscription), StandardCharsets.UTF_8) : words);
    }

    /** The subscription of an id. */
    private static Subscription find(KinoraClient client, String id) {
        List<Subscription> all = client.subscriptions();
        return all.stream()
                .filter(subscription -> subscription.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new BadInputException("no question '%s' stands; there are %s"
                        .formatted(id, all.stream().map(Subscription::id).toList())));
    }

    /** Creates or changes a standing question. */
    @Command(
            name = "set",
            mixinStandardHelpOptions = true,
            description = "Creates a standing question, or changes the one of that id.")
    static final class Set extends ClusterCommand {
        private static final Pattern ONE_OF = Pattern.compile("one-of-([0-9]{1,7})");
        private static final String DAY = "(?:mon|tue|wed|thu|fri|sat|sun)";
        private static final Pattern WINDOW =
                Pattern.compile("(?:(" + DAY + "(?:," + DAY + ")*) )?([0-9]{2}:[0-9]{2})-([0-9]{2}:[0-9]{2})");

        @Parameters(index = "0", paramLabel = "ID", description = "Its name: letters, digits, '.', '_' and '-'.")
        private String id = "";

        @Parameters(index = "1", paramLabel = "QUESTION", description = "What is asked about each clip.")
        private String question = "";

        @Option(
                names = "--streams",
                paramLabel = "PATTERN",
                defaultValue = "*",
                description = "Which streams: * stands for any text, ? for one character. Default: all.")
        private String streams = "*";

        @Option(
                names = "--frames",
                defaultValue = "8",
                description = "Frames the model looks at: 8, 12 or 16. Default: ${DEFAULT-VALUE}.")
        private int frames;

        @Mixin
        private AnswerOptions answer = new AnswerOptions();

        @Option(names = "--one-of", paramLabel = "N", description = "Asks about one clip of N.")
        private Optional<Integer> oneOf = Optional.empty();

        @Option(
                names = "--max-per-minute",
                paramLabel = "X",
                description = "Asks about X clips of a stream in a minute at most.")
        private Optional<Double> maxPerMinute = Optional.empty();

        @Option(names = "--alert", paramLabel = "CHOICE", description = "Raises an alert when this choice is probable.")
        private Optional<String> alert = Optional.empty();

        @Option(
                names = "--threshold",
                paramLabel = "P",
                defaultValue = "0.8",
                description = "Its probability from which it is an alert. Default: ${DEFAULT-VALUE}.")
        private double threshold;

        @Option(
                names = "--release",
                paramLabel = "P",
                description = "The probability below which the alert is over. Default: the threshold.")
        private Optional<Double> release = Optional.empty();

        @Option(
                names = "--min-duration",
                paramLabel = "SECONDS",
                description = "How long the threshold is reached before the alert.")
        private Optional<Double> minDuration = Optional.empty();

        @Option(
                names = "--cooldown",
                paramLabel = "SECONDS",
                description = "Shortest time between two alerts of a stream.")
        private Optional<Double> cooldown = Optional.empty();

        @Option(
                names = "--clips-per-day",
                paramLabel = "N",
                description = "Asks about N clips of a stream in a day at most.")
        private Optional<Integer> clipsPerDay = Optional.empty();

        @Option(
                names = "--schedule",
                paramLabel = "WINDOW",
                description =
                        "Asks in that window only; may be given several times: \"22:00-06:00\", or \"mon,fri 08:00-17:30\".")
        private List<String> schedule = List.of();

        @Option(
                names = "--zone",
                paramLabel = "ZONE",
                defaultValue = "UTC",
                description = "Time zone of the windows, such as Europe/Berlin. Default: ${DEFAULT-VALUE}.")
        private String zone = "UTC";

        @Option(
                names = "--when-behind",
                paramLabel = "POLICY",
                description =
                        "What is done with late clips: process-all, skip-to-latest, or one-of-N (a number). Default: process-all.")
        private Optional<String> whenBehind = Optional.empty();

        @Option(
                names = "--late-after",
                paramLabel = "SECONDS",
                description = "A clip is late when the newest one of its stream is later by more. Default: 10.")
        private Optional<Double> lateAfter = Optional.empty();

        @Mixin
        private JsonOption json = new JsonOption();

        @Override
        void check() {
            subscription(Optional.empty());
        }

        @Override
        void run(KinoraClient client, KafkaClients clients, PrintWriter out) {
            Optional<Subscription> before = client.subscriptions().stream()
                    .filter(subscription -> subscription.id().equals(id))
                    .findFirst();
            Subscription subscription = subscription(before);
            client.subscribe(subscription);
            say(json, out, before.isPresent() ? "changed " + id : id + " stands", subscription);
        }

        /** What the options say, over what cannot be said with them. */
        private Subscription subscription(Optional<Subscription> before) {
            return new Subscription(
                    id,
                    streams,
                    StandingQuestion.of(question, frames, answer.settings()),
                    before.map(Subscription::state).orElse(Subscription.State.ACTIVE),
                    Optional.of(before.flatMap(Subscription::since).orElseGet(Instant::now)),
                    oneOf.isPresent() || maxPerMinute.isPresent()
                            ? Optional.of(new Subscription.Sampling(oneOf, maxPerMinute))
                            : Optional.empty(),
                    alert.map(choice -> new Subscription.AlertRule(
                            choice, threshold, release, minDuration.map(Set::seconds), cooldown.map(Set::seconds))),
                    schedule.isEmpty()
                            ? before.flatMap(Subscription::schedule)
                            : Optional.of(new Subscription.Schedule(
                                    zone, schedule.stream().map(Set::window).toList())),
                    clipsPerDay.map(Subscription.Budget::new),
                    whenBehind.map(this::whenBehind));
        }

        private WhenBehind whenBehind(String policy) {
            Optional<Duration> after = lateAfter.map(Set::seconds);
            Matcher share = ONE_OF.matcher(policy);
            if (share.matches()) {
                return new WhenBehind(WhenBehind.Policy.ONE_OF_N, Optional.of(Integer.parseInt(share.group(1))), after);
            }
            return switch (policy) {
                case "process-all" -> new WhenBehind(WhenBehind.Policy.PROCESS_ALL, Optional.empty(), after);
                case "skip-to-latest" -> new WhenBehind(WhenBehind.Policy.SKIP_TO_LATEST, Optional.empty(), after);
                default ->
                    throw new BadInputException(
                            "--when-behind is \"%s\", allowed are process-all, skip-to-latest and one-of-N, such as one-of-5"
                                    .formatted(policy));
            };
        }

        private static Subscription.Window window(String text) {
            Matcher form = WINDOW.matcher(text);
            if (!form.matches()) {
                throw new BadInputException(
                        "--schedule is \"%s\", expected \"22:00-06:00\" or \"mon,fri 08:00-17:30\"".formatted(text));
            }
            return new Subscription.Window(
                    Optional.ofNullable(form.group(1)).map(Set::days), form.group(2), form.group(3));
        }

        private static List<Subscription.Day> days(String text) {
            return Arrays.stream(text.split(",", -1))
                    .map(word -> Arrays.stream(Subscription.Day.values())
                            .filter(day -> day.name().toLowerCase(Locale.ROOT).startsWith(word))
                            .findFirst()
                            .orElseThrow())
                    .toList();
        }

        private static Duration seconds(double seconds) {
            return Duration.ofNanos(Math.round(seconds * 1e9));
        }
    }

    /** Lists standing questions. */
    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists the standing questions.")
    static final class Show extends ClusterCommand {
        @Option(names = "--json", description = "Prints JSON, as it lies on the topic.")
        private boolean json;

        @Override
        void run(KinoraClient client, KafkaClients clients, PrintWriter out) throws JsonProcessingException {
            List<Subscription> all = client.subscriptions();
            if (json) {
                ObjectMapper mapper = new ObjectMapper();
                var array = mapper.createArrayNode();
                for (Subscription subscription : all) {
                    array.add(mapper.readTree(new String(WireJson.write(subscription), StandardCharsets.UTF_8)));
                }
                out.println(mapper.writerWithDefaultPrettyPrinter().writeValueAsString(array));
                return;
            }
            for (Subscription subscription : all) {
                out.printf(
                        "%-16s %-7s %-12s %s%n",
                        subscription.id(),
                        subscription.state().name().toLowerCase(Locale.ROOT),
                        subscription.streams(),
                        subscription.question().text());
            }
        }
    }

    /** Pauses a standing question. */
    @Command(name = "pause", mixinStandardHelpOptions = true, description = "Stops asking, until it is resumed.")
    static final class Pause extends ClusterCommand {
        @Parameters(paramLabel = "ID", description = "Its name.")
        private String id = "";

        @Mixin
        private JsonOption json = new JsonOption();

        @Override
        void run(KinoraClient client, KafkaClients clients, PrintWriter out) {
            Subscription paused = find(client, id).withState(Subscription.State.PAUSED);
            client.subscribe(paused);
            say(json, out, "paused " + id, paused);
        }
    }

    /** Resumes a standing question. */
    @Command(name = "resume", mixinStandardHelpOptions = true, description = "Asks again.")
    static final class Resume extends ClusterCommand {
        @Parameters(paramLabel = "ID", description = "Its name.")
        private String id = "";

        @Mixin
        private JsonOption json = new JsonOption();

        @Override
        void run(KinoraClient client, KafkaClients clients, PrintWriter out) {
            Subscription resumed = find(client, id).withState(Subscription.State.ACTIVE);
            client.subscribe(resumed);
            say(json, out, "resumed " + id, resumed);
        }
    }

    /** Deletes a standing question. */
    @Command(
            name = "delete",
            mixinStandardHelpOptions = true,
            description = "Asks no more, also not about clips that wait to be looked at.")
    static final class Delete extends ClusterCommand {
        @Parameters(paramLabel = "ID", description = "Its name.")
        private String id = "";

        @Mixin
        private JsonOption json = new JsonOption();

        @Override
        void run(KinoraClient client, KafkaClients clients, PrintWriter out) {
            client.unsubscribe(find(client, id).id());
            json.say(out, "deleted " + id, Map.of("id", id, "deleted", true));
        }
    }
}
