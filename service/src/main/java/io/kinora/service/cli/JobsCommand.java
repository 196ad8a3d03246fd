package io.kinora.service.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.kinora.kafka.claim.ClaimCheckStore;
import io.kinora.kafka.claim.ClipPayloads;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.client.KafkaSettings;
import io.kinora.kafka.clip.ClipReader;
import io.kinora.kafka.exchange.KinoraClient;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.job.JobStates;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.GeneratedVideo;
import io.kinora.kafka.record.JobState;
import io.kinora.kafka.record.Prompt;
import io.kinora.kafka.record.WireJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kinora jobs}: the generation jobs of a service, over Kafka alone. */
@Command(
        name = "jobs",
        mixinStandardHelpOptions = true,
        description = "Lists, shows, cancels and deletes the generation jobs of a running service.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            JobsCommand.ListJobs.class,
            JobsCommand.ShowJob.class,
            JobsCommand.CancelJob.class,
            JobsCommand.DeleteJob.class
        },
        footer = {
            "",
            "A job is made by a prompt on the prompts topic:",
            "  echo 'a blue star' | kcat -P -b localhost:9092 -t kinora.prompts -k job-1"
        })
final class JobsCommand {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int PROMPT_WIDTH = 48;

    private JobsCommand() {}

    private static String word(JobState.Status status) {
        return status.name().toLowerCase(Locale.ROOT);
    }

    private static JobState find(Map<String, JobState> known, String id) {
        return Optional.ofNullable(known.get(id))
                .orElseThrow(() -> new BadInputException(
                        "no job '%s' is known; 'kinora jobs list' names those that are".formatted(id)));
    }

    /** {@code kinora jobs list}. */
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "All jobs that are not forgotten, oldest change first.")
    static final class ListJobs extends ClusterCommand {
        @Option(names = "--status", description = "Only jobs of this state: ${COMPLETION-CANDIDATES}.")
        private Optional<JobState.Status> status = Optional.empty();

        @Option(names = "--tenant", paramLabel = "NAME", description = "Only this tenant's.")
        private Optional<String> tenant = Optional.empty();

        @Option(names = "--json", description = "Prints a JSON object a line, as the jobs topic has it.")
        private boolean json;

        @Override
        void run(KinoraClient client, KafkaClients clients, PrintWriter out) {
            List<JobState> jobs = JobStates.read(clients, new RecordDecoder()).values().stream()
                    .filter(job -> status.map(wanted -> job.status() == wanted).orElse(true))
                    .filter(job ->
                            tenant.map(job.request().order().tenant()::equals).orElse(true))
                    .toList();
            if (json) {
                jobs.forEach(job -> out.println(new String(WireJson.write(job), StandardCharsets.UTF_8)));
            } else {
                jobs.forEach(job -> out.println(line(job)));
            }
        }

        private static String line(JobState job) {
            String steps = job.progress()
                    .map(progress -> "%d/%d".formatted(progress.step(), progress.total()))
                    .orElse("");
            String prompt = job.request().text();
            return "%-36s  %-9s  %7s  %s  %s  %s"
                    .formatted(
                            job.jobId(),
                            word(job.status()),
                            steps,
                            job.updatedAt(),
                            job.request().order().tenant(),
                            prompt.length() <= PROMPT_WIDTH ? prompt : prompt.substring(0, PROMPT_WIDTH - 1) + "…");
        }
    }

    /** {@code kinora jobs show}. */
    @Command(name = "show", mixinStandardHelpOptions = true, description = "One job, and its video or picture.")
    static final class ShowJob extends ClusterCommand {
        @Parameters(paramLabel = "JOB", description = "Its id.")
        private String id = "";

        @Option(
                names = {"-o", "--output"},
                paramLabel = "FILE",
                description = "Writes the finished video or picture there.")
        private Optional<Path> output = Optional.empty();

        @Option(
                names = "--preview",
                paramLabel = "FILE",
                description = "Writes the newest preview of a running job there, a JPEG.")
        private Optional<Path> preview = Optional.empty();

        @Option(names = "--json", description = "Prints JSON, as the jobs topic has it.")
        private boolean json;

        @Override
        void run(KinoraClient client, KafkaClients clients, PrintWriter out) throws IOException {
            JobState job = find(JobStates.read(clients, new RecordDecoder()), id);
            if (output.isPresent()) {
                ClipReference result = job.result()
                        .orElseThrow(() -> new BadInputException(
                                "job %s is %s: there is no result".formatted(id, word(job.status()))));
                write(clients, result, output.get());
            }
            if (preview.isPresent()) {
                String address = job.progress()
                        .flatMap(JobState.Progress::preview)
                        .orElseThrow(() -> new BadInputException(
                                "job %s is %s: there is no preview".formatted(id, word(job.status()))));
                Files.write(preview.get(), Base64.getDecoder().decode(address.substring(address.indexOf(',') + 1)));
            }
            if (json) {
                out.println(new String(WireJson.write(job), StandardCharsets.UTF_8));
            } else {
                print(job);
            }
        }

        private static void write(KafkaClients clients, ClipReference place, Path file) throws IOException {
            KafkaSettings settings = clients.settings();
            try (ClipReader reader = new ClipReader(clients, Set.of(place.topic()), Clock.systemUTC())) {
                GeneratedVideo video =
                        new RecordDecoder().video(reader.read(place, PATIENCE)).body();
                ClipPayloads payloads = new ClipPayloads(
                        ClaimCheckStore.inFolder(
                                settings.claimCheck().folder(),
                                settings.claimCheck().maxSize()),
                        settings.claimCheck().inlineUpTo());
                Files.write(file, payloads.unpack(video.payload()).bytes());
            }
        }

        private void print(JobState job) throws JsonProcessingException {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("job", job.jobId());
            facts.put("status", word(job.status()));
            job.progress().ifPresent(progress -> facts.put("steps", progress.step() + " of " + progress.total()));
            job.error().ifPresent(error -> facts.put("error", error.code() + ": " + error.message()));
            job.result().ifPresent(result -> facts.put("result", result));
            facts.put("prompt", job.request().text());
            facts.put("tenant", job.request().order().tenant());
            facts.put("priority", job.request().order().priority());
            job.request().order().deadline().ifPresent(deadline -> facts.put("deadline", deadline));
            facts.put("created", job.createdAt());
            facts.put("updated", job.updatedAt());
            job.expiresAt().ifPresent(expires -> facts.put("expires", expires));
            output.ifPresent(file -> facts.put("file", file));
            Output.print(spec(), false, facts);
        }
    }

    /** What can be done with some jobs. */
    abstract static class OnJobs extends ClusterCommand {
        @Parameters(paramLabel = "JOB", arity = "1..*", description = "Their ids.")
        private List<String> ids = List.of();

        @Mixin
        private JsonOption json = new JsonOption();

        @Override
        final void run(KinoraClient client, KafkaClients clients, PrintWriter out) {
            Map<String, JobState> known = JobStates.read(clients, new RecordDecoder());
            ids.forEach(id -> find(known, id)); // all of them, or none
            for (String id : ids) {
                client.publish(wish(id));
                json.say(out, "%s: %s".formatted(id, done()), Map.of("job", id, "done", done()));
            }
        }

        /** What is written about a job. */
        abstract Prompt wish(String id);

        /** What has come of it when it is written. */
        abstract String done();
    }

    /** {@code kinora jobs cancel}. */
    @Command(
            name = "cancel",
            mixinStandardHelpOptions = true,
            description = "Gives jobs up; one that runs stops within one denoising step.")
    static final class CancelJob extends OnJobs {
        @Option(names = "--reason", paramLabel = "TEXT", defaultValue = "", description = "For people.")
        private String reason = "";

        @Override
        Prompt wish(String id) {
            return new Prompt.Cancel(id, reason);
        }

        @Override
        String done() {
            return "given up, unless it has ended";
        }
    }

    /** {@code kinora jobs delete}. */
    @Command(
            name = "delete",
            mixinStandardHelpOptions = true,
            description = "Gives jobs up and forgets them; a video stays as long as the videos topic keeps it.")
    static final class DeleteJob extends OnJobs {
        @Override
        Prompt wish(String id) {
            return new Prompt.Delete(id);
        }

        @Override
        String done() {
            return "given up and forgotten";
        }
    }
}
