package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A program under {@code tools} that uses a service from outside, with the packages that are pinned beside it. They are installed into the build's folder, once for each list of them, by the
 * package manager of the program's language; nothing of what is installed is run for it.
 */
final class ClientProgram {
    private static final long INSTALLING_SECONDS = 180;
    private static final long RUNNING_SECONDS = 900;
    private static final List<String> OF_NODE = List.of("package.json", "package-lock.json", ".npmrc");
    private static final List<String> NPM =
            List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1");

    private final String name;
    private final String script;
    private final List<String> needed;
    private final List<String> install;
    private final List<String> run;
    private final Path source;
    private final Path folder;

    private ClientProgram(
            String name, String tool, String script, List<String> needed, List<String> install, List<String> run) {
        this.name = name;
        this.script = script;
        this.needed = needed;
        this.install = install;
        this.run = run;
        Path project = project();
        this.source = project.resolve(Path.of("tools", tool));
        this.folder = project.resolve(Path.of("service", "target", "clients", script));
    }

    /** How one run ended. */
    record Ended(int status, String output) {}

    /** OpenAI's client for Node. */
    static ClientProgram node() {
        return new ClientProgram(
                "OpenAI's client for Node", "clients", "openai-node.mjs", OF_NODE, NPM, List.of("node"));
    }

    /** A person with a browser, which {@code CHROMIUM} names where it is not where Debian has it. */
    static ClientProgram browser() {
        return new ClientProgram("the page in a browser", "browser", "page.mjs", OF_NODE, NPM, List.of("node"));
    }

    /** OpenAI's client for Python. */
    static ClientProgram python() {
        return new ClientProgram(
                "OpenAI's client for Python",
                "clients",
                "openai_python.py",
                List.of("requirements.txt"),
                List.of(
                        "python3",
                        "-m",
                        "pip",
                        "install",
                        "--quiet",
                        "--no-input",
                        "--no-compile",
                        "--disable-pip-version-check",
                        "--retries=1",
                        "--upgrade",
                        "--only-binary=:all:",
                        "--target=packages",
                        "--requirement=requirements.txt"),
                List.of("python3", "-W", "ignore::DeprecationWarning"));
    }

    /** The folder of the project's sources. */
    static Path project() {
        return Stream.iterate(Path.of("").toAbsolutePath(), Path::getParent)
                .filter(above -> Files.isDirectory(above.resolve("tools")))
                .findFirst()
                .orElseThrow();
    }

    String name() {
        return name;
    }

    /** Makes it ready to run; says what keeps it from that, if something does. */
    Optional<String> hindrance() throws InterruptedException {
        try {
            Files.createDirectories(folder);
            copy(script);
            Path installed = folder.resolve("installed");
            String pins = pins();
            if (Files.exists(installed) && Files.readString(installed).equals(pins)) {
                return Optional.empty();
            }
            for (String file : needed) {
                copy(file);
            }
            Ended ended = run(install, INSTALLING_SECONDS);
            if (ended.status() != 0) {
                return Optional.of("'%s' failed: %s"
                        .formatted(String.join(" ", install), ended.output().strip()));
            }
            Files.writeString(installed, pins);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(e.getMessage());
        }
    }

    /** Says why it is not run; fails where that was not to be. */
    void tellThatItIsNotRun(String why) {
        String notice = "%s is not tested here: %s".formatted(name, why);
        System.out.println(notice);
        assertThat(System.getProperty("kinora.clients", "where possible"))
                .as(notice)
                .isNotEqualTo("required");
    }

    /** Runs it to its end. */
    Ended run(List<String> arguments) throws InterruptedException {
        List<String> command = new ArrayList<>(run);
        command.add(script);
        command.addAll(arguments);
        try {
            return run(command, RUNNING_SECONDS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String pins() throws IOException {
        StringBuilder pins = new StringBuilder();
        for (String file : needed) {
            pins.append(Files.readString(source.resolve(file)));
        }
        return pins.toString();
    }

    private void copy(String file) throws IOException {
        Files.copy(source.resolve(file), folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }

    private Ended run(List<String> command, long seconds) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(variable -> variable.startsWith("OPENAI_"));
        builder.environment()
                .putAll(Map.of(
                        "PYTHONPATH",
                        "packages",
                        "NO_PROXY",
                        "127.0.0.1,localhost",
                        "NO_COLOR",
                        "1",
                        "PATIENCE",
                        "600"));
        Process process = builder.start();
        process.getOutputStream().close();
        boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
        if (!ended) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
        String said = Files.readString(output, StandardCharsets.UTF_8);
        return new Ended(process.exitValue(), ended ? said : said + "%nit did not end within %d s".formatted(seconds));
    }
}
