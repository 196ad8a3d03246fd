package io.kinora.service.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.tensor.Engine;
import io.kinora.tensor.parity.OutputReport;
import io.kinora.tensor.parity.OutputReport.Verdict;
import io.kinora.tensor.parity.ParityReport;
import io.kinora.tensor.parity.ParityRunner;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kinora parity}: Kinora's layers and pipelines against outputs of the official implementations. */
@Command(
        name = "parity",
        mixinStandardHelpOptions = true,
        description = {
            "Runs parity cases: a checkpoint, inputs, and the outputs that the official implementation gives. Prints how far each output"
                    + " is from the official one.",
            "Exit status 0 only if every output that Kinora has a name for agrees, in every case."
        },
        footer = {"", "Example: kinora parity cases/unet3d_base cases/vae_encode"})
final class ParityCommand implements Callable<Integer> {
    private static final String CASE = "case.json";

    @Parameters(
            paramLabel = "FOLDER",
            arity = "1..*",
            description = "A case (a folder with a case.json), or a folder of cases.")
    private List<Path> folders = List.of();

    @Mixin
    private EngineOptions engine = new EngineOptions();

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws JsonProcessingException {
        List<Path> cases = folders.stream().flatMap(ParityCommand::cases).toList();
        PrintWriter out = spec.commandLine().getOut();
        List<ParityReport> reports = new ArrayList<>();
        try (Engine opened = engine.open()) {
            ParityRunner runner = new ParityRunner(opened);
            for (Path folder : cases) {
                ParityReport report = runner.run(folder);
                reports.add(report);
                if (!json) {
                    print(out, report);
                }
            }
        }
        long agreeing = reports.stream().filter(ParityReport::agrees).count();
        if (json) {
            out.println(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(asJson(reports)));
        } else {
            out.println("%d of %d cases agree".formatted(agreeing, reports.size()));
        }
        out.flush();
        return agreeing == reports.size() ? ExitStatus.DONE : ExitStatus.FAILED;
    }

    /** The folder itself if it is a case, or the cases in it, by name. */
    private static Stream<Path> cases(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new BadInputException("no such folder: " + folder);
        }
        if (Files.exists(folder.resolve(CASE))) {
            return Stream.of(folder);
        }
        try (Stream<Path> children = Files.list(folder)) {
            List<Path> found = children.filter(child -> Files.exists(child.resolve(CASE)))
                    .sorted()
                    .toList();
            if (found.isEmpty()) {
                throw new BadInputException("no %s in %s or in a folder of it".formatted(CASE, folder));
            }
            return found.stream();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder, e);
        }
    }

    private static void print(PrintWriter out, ParityReport report) {
        String verdict = report.agrees() ? "agrees" : "DISAGREES";
        out.println("%s (%s): %s".formatted(name(report), report.component(), verdict));
        report.outputs().forEach(output -> out.println("  " + output.line()));
        report.failure().ifPresent(failure -> out.println("  failed: " + failure));
        out.flush();
    }

    private static ArrayNode asJson(List<ParityReport> reports) {
        ArrayNode cases = new ObjectMapper().createArrayNode();
        for (ParityReport report : reports) {
            ObjectNode node = cases.addObject();
            node.put("case", name(report));
            node.put("folder", report.folder().toString());
            node.put("component", report.component());
            node.put("agrees", report.agrees());
            report.failure().ifPresent(failure -> node.put("failure", failure));
            ArrayNode outputs = node.putArray("outputs");
            report.outputs().forEach(output -> put(outputs.addObject(), output));
        }
        return cases;
    }

    private static void put(ObjectNode node, OutputReport output) {
        node.put("name", output.name());
        node.put("verdict", output.verdict().name().toLowerCase(Locale.ROOT));
        if (output.verdict() != Verdict.LEFT_OUT) {
            putNumber(node, "absoluteError", output.absoluteError());
            putNumber(node, "relativeError", output.relativeError());
            node.put("atol", output.atol());
            node.put("rtol", output.rtol());
            ArrayNode worst = node.putArray("worst");
            output.worst().forEach(worst::add);
        }
        if (!output.detail().isEmpty()) {
            node.put("detail", output.detail());
        }
    }

    /** JSON has no number for what could not be compared. */
    private static void putNumber(ObjectNode node, String name, double value) {
        if (Double.isFinite(value)) {
            node.put(name, value);
        } else {
            node.putNull(name);
        }
    }

    private static String name(ParityReport report) {
        return String.valueOf(report.folder().toAbsolutePath().normalize().getFileName());
    }
}
