package io.kinora.service.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import io.kinora.service.doctor.Doctor;
import io.kinora.service.doctor.Finding;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kinora doctor}: looks at the machine and says what to do. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description =
                "Looks at this machine: processor, graphics card, codecs, memory, disk, checkpoint, broker. Says what is wrong, and what to do.",
        footer = {"", "Exit status: 0 if Kinora can work here, 1 if something keeps it from it."})
final class DoctorCommand implements Callable<Integer> {
    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            description = "The cluster to look for. Default: a broker of our own.")
    private Optional<String> bootstrapServers = Optional.empty();

    @Mixin
    private NodeOptions options = new NodeOptions();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws JsonProcessingException {
        Config config = options.config();
        if (bootstrapServers.isPresent()) {
            config = config.withValue(
                    "kinora.kafka.bootstrap-servers", ConfigValueFactory.fromAnyRef(bootstrapServers.get()));
        }
        List<Finding> findings = Doctor.examine(config);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(json(findings));
        } else {
            findings.forEach(finding -> print(finding, out));
        }
        out.flush();
        return findings.stream().anyMatch(finding -> finding.state() == Finding.State.FAILED)
                ? ExitStatus.FAILED
                : ExitStatus.DONE;
    }

    private static void print(Finding finding, PrintWriter out) {
        out.printf(
                "%-7s  %-14s  %s%n", finding.state().name().toLowerCase(Locale.ROOT), finding.name(), finding.what());
        finding.advice().ifPresent(advice -> out.printf("%-7s  %-14s  -> %s%n", "", "", advice));
    }

    private static String json(List<Finding> findings) throws JsonProcessingException {
        ObjectMapper mapper = new ObjectMapper();
        ArrayNode all = mapper.createArrayNode();
        for (Finding finding : findings) {
            ObjectNode one = all.addObject()
                    .put("name", finding.name())
                    .put("state", finding.state().name().toLowerCase(Locale.ROOT))
                    .put("what", finding.what());
            finding.advice().ifPresent(advice -> one.put("advice", advice));
        }
        return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(all);
    }
}
