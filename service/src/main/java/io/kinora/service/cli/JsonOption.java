package io.kinora.service.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Map;
import picocli.CommandLine.Option;

/** {@code --json} of commands that say in a line what they have done. */
final class JsonOption {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Option(names = "--json", description = "Prints JSON, an object a line.")
    private boolean json;

    boolean isGiven() {
        return json;
    }

    /** Says it in words, or as named values. */
    void say(PrintWriter out, String words, Map<String, ?> values) {
        out.println(json ? line(values) : words);
        out.flush();
    }

    private static String line(Map<String, ?> values) {
        try {
            return MAPPER.writeValueAsString(values);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
