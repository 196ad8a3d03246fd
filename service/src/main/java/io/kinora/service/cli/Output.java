package io.kinora.service.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;

/** Results on standard output: lines for people, or JSON for programs. */
final class Output {
    private Output() {}

    /** Prints named values in their order. */
    static void print(CommandSpec spec, boolean json, Map<String, Object> values) throws JsonProcessingException {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(values));
        } else {
            int width = values.keySet().stream().mapToInt(String::length).max().orElse(0);
            values.forEach((name, value) -> out.println(("%-" + width + "s  %s").formatted(name, value)));
        }
        out.flush();
    }
}
