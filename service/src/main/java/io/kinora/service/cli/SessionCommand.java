package io.kinora.service.cli;

import io.kinora.kafka.TransientBrokerException;
import io.kinora.kafka.claim.ClaimCheckStore;
import io.kinora.kafka.claim.ClipPayloads;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.client.KafkaSettings;
import io.kinora.kafka.exchange.KinoraClient;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.ClipTarget;
import io.kinora.kafka.record.Question;
import io.kinora.kafka.record.Session;
import io.kinora.kafka.record.SessionTurn;
import io.kinora.kafka.record.WireJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kinora session}: conversations with a service that runs. They are records of its topics, written and read here. */
@Command(
        name = "session",
        mixinStandardHelpOptions = true,
        description =
                "Talks with a running service about clips: what was asked and answered before is known, also after a restart.",
        footer = {
            "",
            "Examples:",
            "  kinora session ask gate-talk --clip clip.mp4 \"Who opens the gate?\"",
            "  kinora session ask gate-talk \"And what does he carry?\"",
            "  kinora session show gate-talk"
        },
        subcommands = {
            SessionCommand.Ask.class,
            SessionCommand.ListAll.class,
            SessionCommand.Show.class,
            SessionCommand.Forget.class
        })
final class SessionCommand {
    private SessionCommand() {}

    private static Session find(KinoraClient client, String id) {
        return client.session(id).orElseThrow(() -> new BadInputException("there is no session '%s'".formatted(id)));
    }

    /** Asks a question in a session. */
    @Command(
            name = "ask",
            mixinStandardHelpOptions = true,
            description =
                    "Asks a question in a session, and prints the answer as it comes. The session begins with its first question.")
    static final class Ask extends ClusterCommand {
        /** What the question is about. */
        static final class About {
            @Option(
                    names = "--clip",
                    paramLabel = "CLIP",
                    description =
                            "What it is about: a file, which is sent to the clips topic first; kafka://topic/partition/offset; or a clip's id.")
            private Optional<String> clip = Optional.empty();

            @Option(names = "--stream", paramLabel = "STREAM", description = "Is about the newest clip of a stream.")
            private Optional<String> stream = Optional.empty();
        }

        @Parameters(index = "0", paramLabel = "SESSION", description = "Its name.")
        private String session = "";

        @Parameters(index = "1", paramLabel = "QUESTION", description = "What is asked.")
        private String text = "";

        @ArgGroup
        private About about = new About();

        @Option(
                names = "--frames",
                defaultValue = "8",
                description = "Frames the model looks at: 8, 12 or 16. Default: ${DEFAULT-VALUE}.")
        private int frames;

        @Mixin
        private AnswerOptions answer = new AnswerOptions();

        @Option(
                names = "--timeout",
                paramLabel = "SECONDS",
                defaultValue = "600",
                description = "How long the answer is waited for. Default: ${DEFAULT-VALUE}.")
        private int timeout;

        @Option(names = "--json", description = "Prints the answer's record as JSON.")
        private boolean json;

        @Override
        void run(KinoraClient client, KafkaClients clients, PrintWriter out) throws IOException {
            String id = "cli-" + UUID.randomUUID();
            Question question = Question.of(id, text, target(client, clients.settings()))
                    .withFrames(frames)
                    .withSettings(answer.settings())
                    .inSession(session);
            Answer answered = client.ask(
                    question,
                    session,
                    piece -> {
                        if (!json) {
                            out.print(piece.text());
                            out.flush();
                        }
                    },
                    Duration.ofSeconds(timeout));
            if (answered.error().isPresent()) {
                throw new BadInputException(answered.error().get().message());
            }
            out.println(json ? new String(WireJson.write(answered), StandardCharsets.UTF_8) : "");
        }

        private ClipTarget target(KinoraClient client, KafkaSettings settings) throws IOException {
            if (about.stream.isPresent()) {
                return new ClipTarget.LatestOf(about.stream.get());
            }
            if (about.clip.isEmpty()) {
                return new ClipTarget.Named(session);
            }
            String clip = about.clip.get();
            if (Files.isRegularFile(Path.of(clip))) {
                return new ClipTarget.At(publish(client, settings, new ClipArgument(clip)));
            }
            return ClipReference.parseIfReference(clip)
                    .<ClipTarget>map(ClipTarget.At::new)
                    .orElseGet(() -> new ClipTarget.WithId(clip));
        }

        private ClipReference publish(KinoraClient client, KafkaSettings settings, ClipArgument file)
                throws IOException {
            ClipPayloads payloads = new ClipPayloads(
                    ClaimCheckStore.inFolder(
                            settings.claimCheck().folder(),
                            settings.claimCheck().maxSize()),
                    settings.claimCheck().inlineUpTo());
            return client.publish(new Clip(
                    "cli-" + UUID.randomUUID(),
                    session,
                    Optional.empty(),
                    payloads.pack(file.bytes(), "application/octet-stream"),
                    Instant.now()));
        }
    }

    /** Lists the sessions. */
    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists the sessions.")
    static final class ListAll extends ClusterCommand {
        @Option(names = "--json", description = "Prints a JSON object a line, as the sessions topic has it.")
        private boolean json;

        @Override
        void run(KinoraClient client, KafkaClients clients, PrintWriter out) {
            for (Session session : client.sessions()) {
                if (json) {
                    out.println(new String(WireJson.write(session), StandardCharsets.UTF_8));
                } else {
                    out.printf("%-24s  %3d turns  %s%n", session.id(), session.length(), session.updatedAt());
                }
            }
        }
    }

    /** Shows what was said. */
    @Command(name = "show", mixinStandardHelpOptions = true, description = "Prints what was asked and answered.")
    static final class Show extends ClusterCommand {
        @Parameters(index = "0", paramLabel = "SESSION", description = "Its name.")
        private String session = "";

        @Option(names = "--json", description = "Prints the session's record as JSON.")
        private boolean json;

        @Override
        void run(KinoraClient client, KafkaClients clients, PrintWriter out) {
            Session found = find(client, session);
            if (json) {
                out.println(new String(WireJson.write(found), StandardCharsets.UTF_8));
                return;
            }
            for (SessionTurn turn : found.turns()) {
                out.printf("[%s] %s%n", turn.clip().reference(), turn.text());
                out.printf("  %s%n", turn.answer().text().strip());
            }
        }
    }

    /** Forgets a session. */
    @Command(name = "forget", mixinStandardHelpOptions = true, description = "Forgets a session.")
    static final class Forget extends ClusterCommand {
        private static final Duration PATIENCE = Duration.ofMinutes(1);

        @Parameters(index = "0", paramLabel = "SESSION", description = "Its name.")
        private String session = "";

        @Mixin
        private JsonOption json = new JsonOption();

        @Override
        void run(KinoraClient client, KafkaClients clients, PrintWriter out) {
            find(client, session);
            client.forgetSession(session);
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (client.session(session).isPresent()) {
                if (System.nanoTime() > end) {
                    throw new TransientBrokerException(
                            "session %s is not forgotten yet; the wish is written".formatted(session),
                            new IllegalStateException("timed out"));
                }
            }
            json.say(out, "forgot " + session, Map.of("session", session, "forgotten", true));
        }
    }
}
