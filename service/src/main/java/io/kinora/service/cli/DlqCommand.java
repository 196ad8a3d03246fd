package io.kinora.service.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.dlq.DeadLetters;
import io.kinora.kafka.dlq.LetterFilter;
import io.kinora.kafka.dlq.LetterRefusedException;
import io.kinora.kafka.dlq.StoredLetter;
import io.kinora.kafka.exchange.KinoraClient;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.topic.Topic;
import io.kinora.service.LetterFacts;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kinora dlq}: the records that could not be processed, over Kafka alone. */
@Command(
        name = "dlq",
        mixinStandardHelpOptions = true,
        description = "Lists and shows dead letters, sends them back to where they came from, or drops them.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DlqCommand.ListLetters.class,
            DlqCommand.ShowLetter.class,
            DlqCommand.Redrive.class,
            DlqCommand.Drop.class
        },
        footer = {
            "",
            "A letter is named by its place, as 'kinora dlq list' prints it:",
            "  kinora dlq show kafka://kinora.clips.dlq/0/3 -o bad.mp4",
            "  kinora dlq redrive --all --code clip.claim",
            "What is decided about a letter is decided once. It stays on its topic until that deletes it."
        })
final class DlqCommand {
    private static final int MESSAGE_WIDTH = 80;

    private DlqCommand() {}

    private static DeadLetters letters(KafkaClients clients) {
        return new DeadLetters(clients, ClusterCommand.SOURCE, Clock.systemUTC());
    }

    private static ClipReference place(String text) {
        return ClipReference.parse(text);
    }

    /** Which letters are meant. */
    static final class Filter {
        @Option(
                names = "--input",
                paramLabel = "TOPIC",
                description = "Only letters of one input: clips, questions, subscriptions, prompts or instructions.")
        private Optional<Topic> input = Optional.empty();

        @Option(names = "--code", paramLabel = "CODE", description = "Only with this reason, such as malformed.value.")
        private Optional<String> code = Optional.empty();

        @Option(
                names = "--since",
                paramLabel = "TIME",
                description = "Only from then on: an instant such as 2026-11-22T10:00:00Z, or an age such as PT2H.")
        private Optional<String> since = Optional.empty();

        @Option(
                names = "--limit",
                paramLabel = "N",
                defaultValue = "100",
                description = "The newest N. Default: ${DEFAULT-VALUE}.")
        private int limit;

        LetterFilter of(boolean openOnly) {
            return new LetterFilter(input, code, since.map(Times::instantOrAge), openOnly, limit);
        }
    }

    /** {@code kinora dlq list}. */
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "The dead letters that are open, newest first.")
    static final class ListLetters extends ClusterCommand {
        @Mixin
        private Filter filter = new Filter();

        @Option(names = "--decided", description = "Also those that were sent back or dropped.")
        private boolean decided;

        @Option(names = "--json", description = "Prints a JSON object a line.")
        private boolean json;

        @Override
        void run(KinoraClient client, KafkaClients clients, PrintWriter out) throws JsonProcessingException {
            for (StoredLetter letter : letters(clients).list(filter.of(!decided))) {
                out.println(json ? new ObjectMapper().writeValueAsString(LetterFacts.of(letter)) : line(letter));
            }
        }

        private static String line(StoredLetter letter) {
            String message =
                    letter.report().letter().message().lines().findFirst().orElse("");
            return "%s  %s  %-22s  %-12s  %s"
                    .formatted(
                            letter.place(),
                            letter.at(),
                            letter.report().letter().code(),
                            letter.key().orElse("-"),
                            message.length() <= MESSAGE_WIDTH
                                    ? message
                                    : message.substring(0, MESSAGE_WIDTH - 1) + "…");
        }
    }

    /** {@code kinora dlq show}. */
    @Command(name = "show", mixinStandardHelpOptions = true, description = "One dead letter, and its bytes.")
    static final class ShowLetter extends ClusterCommand {
        @Parameters(paramLabel = "PLACE", description = "kafka://TOPIC/PARTITION/OFFSET")
        private String place = "";

        @Option(
                names = {"-o", "--output"},
                paramLabel = "FILE",
                description = "Writes the record's value there, untouched.")
        private Optional<Path> output = Optional.empty();

        @Option(names = "--json", description = "Prints JSON.")
        private boolean json;

        @Override
        void check() {
            place(place);
        }

        @Override
        void run(KinoraClient client, KafkaClients clients, PrintWriter out) throws IOException {
            DeadLetters letters = letters(clients);
            StoredLetter letter = letters.find(place(place));
            Map<String, Object> facts = LetterFacts.of(letter);
            if (output.isPresent()) {
                byte[] bytes = letters.value(letter.place())
                        .orElseThrow(
                                () -> new BadInputException("%s is a tombstone: it has no bytes".formatted(place)));
                Files.write(output.get(), bytes);
                facts.put("file", output.get().toString());
            }
            Output.print(spec(), json, facts);
        }
    }

    /** What can be done with some letters, or with all that a filter takes. */
    abstract static class OnLetters extends ClusterCommand {
        @Parameters(paramLabel = "PLACE", arity = "0..*", description = "kafka://TOPIC/PARTITION/OFFSET")
        private List<String> places = List.of();

        @Option(names = "--all", description = "All open letters that the options below take.")
        private boolean all;

        @Mixin
        private Filter filter = new Filter();

        @Mixin
        private JsonOption json = new JsonOption();

        @Override
        final void check() {
            if (all != places.isEmpty()) {
                throw new BadInputException("name the letters by their places, or say --all: one of the two");
            }
            places.forEach(DlqCommand::place);
        }

        @Override
        final void run(KinoraClient client, KafkaClients clients, PrintWriter out) {
            DeadLetters letters = letters(clients);
            List<ClipReference> meant = all
                    ? letters.list(filter.of(true)).stream()
                            .map(StoredLetter::place)
                            .sorted() // oldest first: they go back in the order in which they came
                            .toList()
                    : places.stream().map(DlqCommand::place).toList();
            int refused = 0;
            for (ClipReference next : meant) {
                try {
                    decide(letters, next, json, out);
                } catch (LetterRefusedException e) {
                    spec().commandLine().getErr().println("kinora: " + e.getMessage());
                    refused++;
                }
            }
            if (refused > 0) {
                throw new BadInputException("%d of %d letters were refused".formatted(refused, meant.size()));
            }
        }

        /** Decides about one letter, and says so in a line. */
        abstract void decide(DeadLetters letters, ClipReference place, JsonOption json, PrintWriter out);
    }

    /** {@code kinora dlq redrive}. */
    @Command(
            name = "redrive",
            mixinStandardHelpOptions = true,
            description = "Sends dead letters back to where they came from, once each, behind what is there now.")
    static final class Redrive extends OnLetters {
        @Override
        void decide(DeadLetters letters, ClipReference place, JsonOption json, PrintWriter out) {
            ClipReference now = letters.redrive(place);
            json.say(
                    out,
                    "%s is now %s".formatted(place, now),
                    Map.of("place", place.toString(), "redrivenTo", now.toString()));
        }
    }

    /** {@code kinora dlq drop}. */
    @Command(
            name = "drop",
            mixinStandardHelpOptions = true,
            description = "Decides that dead letters need nothing any more.")
    static final class Drop extends OnLetters {
        @Override
        void decide(DeadLetters letters, ClipReference place, JsonOption json, PrintWriter out) {
            letters.drop(place);
            json.say(out, "%s is dropped".formatted(place), Map.of("place", place.toString(), "dropped", true));
        }
    }
}
