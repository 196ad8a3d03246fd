package io.kinora.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A Python script that is compared with: it reads a line, does what it says, and answers with a line of JSON. */
final class PythonPeer implements AutoCloseable {
    private final Path script;
    private final Process process;
    private final BufferedReader answers;
    private final PrintStream questions;

    private PythonPeer(Path script, Process process) {
        this.script = script;
        this.process = process;
        this.answers = process.inputReader(StandardCharsets.UTF_8);
        this.questions = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    }

    /** Starts a script of {@code tools/benchmarks}; the working folder is the project's root. */
    static PythonPeer start(String python, String name, String... arguments) throws IOException {
        Path script = Path.of("tools", "benchmarks", name);
        List<String> command = new ArrayList<>(List.of(python, script.toString()));
        command.addAll(List.of(arguments));
        return new PythonPeer(
                script,
                new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start());
    }

    /** Sends a line and waits for the answer. */
    JsonNode ask(String question) throws IOException {
        questions.println(question);
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("%s ended at '%s'".formatted(script, question));
        }
        return new ObjectMapper().readTree(answer);
    }

    @Override
    public void close() throws IOException {
        questions.close();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while %s was ending".formatted(script), e);
        }
    }
}
