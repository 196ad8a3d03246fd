package io.kinora.service.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.service.ConfigReference;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kinora config}: every key of the configuration, and what is in force. */
@Command(
        name = "config",
        mixinStandardHelpOptions = true,
        description =
                "Prints every key of the configuration with what is in force and what it means. Secrets are hidden.",
        footer = {"", "Example:", "  kinora config --config my.conf kinora.http"})
final class ConfigCommand implements Callable<Integer> {
    private static final Pattern SECRET =
            Pattern.compile("password|secret|api-key|key-sha256|jaas|tracing\\.headers\\.");

    @Parameters(paramLabel = "PREFIX", arity = "0..1", defaultValue = "", description = "Only keys that begin so.")
    private String prefix = "";

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Option(names = "--markdown", description = "Prints the page of the defaults, as it is in the documentation.")
    private boolean markdown;

    @Mixin
    private NodeOptions options = new NodeOptions();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws JsonProcessingException {
        PrintWriter out = spec.commandLine().getOut();
        if (markdown) {
            out.print(ConfigReference.markdown(ConfigReference.defaults()));
            out.flush();
            return ExitStatus.DONE;
        }
        List<ConfigReference.Key> keys = ConfigReference.of(options.config()).stream()
                .filter(key -> key.path().startsWith(prefix))
                .map(ConfigCommand::hidden)
                .toList();
        if (keys.isEmpty()) {
            throw new BadInputException(
                    "no key begins with '%s'; 'kinora config' without a prefix shows all".formatted(prefix));
        }
        if (json) {
            out.println(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(keys));
        } else {
            keys.forEach(key -> out.printf(
                    Locale.ROOT,
                    "%s%s = %s%n",
                    key.meaning().isEmpty() ? "" : "# " + key.meaning() + System.lineSeparator(),
                    key.path(),
                    key.value()));
        }
        out.flush();
        return ExitStatus.DONE;
    }

    private static ConfigReference.Key hidden(ConfigReference.Key key) {
        boolean secret = !key.value().isEmpty()
                && SECRET.matcher(key.path() + key.value()).find();
        return secret ? new ConfigReference.Key(key.path(), "(hidden)", key.meaning()) : key;
    }
}
