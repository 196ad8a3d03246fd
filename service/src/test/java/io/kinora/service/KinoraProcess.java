package io.kinora.service;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code kinora serve} in a process of its own, which can be killed; its words are kept until somebody waits for them. */
final class KinoraProcess implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 300;

    /** Kafka misses who was killed after six seconds, not after 45. */
    private static final String SOON_MISSED =
            "kinora.kafka.consumer.properties { session.timeout.ms = 6000, heartbeat.interval.ms = 1000 }";

    private final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private KinoraProcess(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "output of kinora serve");
        reader.setDaemon(true);
        reader.setUncaughtExceptionHandler((thread, e) -> {}); // the stream of a killed process breaks
        reader.start();
    }

    /** Starts one with a broker of its own at a port, and waits until it reads its topics. */
    static KinoraProcess serving(Path folder, int port) throws IOException, InterruptedException {
        return starting(folder, port).reading();
    }

    /** Starts one with a broker of its own at a port. */
    static KinoraProcess starting(Path folder, int port) throws IOException {
        return start(folder, "WARN", soonMissed(folder, "--port", Integer.toString(port)));
    }

    /** Starts one beside a broker that is there. */
    static KinoraProcess startingBeside(Path folder, String bootstrapServers) throws IOException {
        return start(folder, "WARN", soonMissed(folder, "--bootstrap-servers", bootstrapServers));
    }

    private static List<String> soonMissed(Path folder, String option, String value) throws IOException {
        Files.createDirectories(folder);
        Path file = Files.writeString(folder.resolve("node.conf"), SOON_MISSED);
        return List.of("--http-port", "0", "--config", file.toString(), option, value);
    }

    /** Waits until it reads its topics. */
    KinoraProcess reading() throws InterruptedException {
        await("Ctrl-C stops");
        return this;
    }

    /**
     * Starts one that says what it does.
     *
     * @param folder for what it keeps
     * @param config its configuration, over the defaults
     * @param newer classes that it has instead of those of the same name
     */
    static KinoraProcess configured(Path folder, String config, Path... newer) throws IOException {
        Files.createDirectories(folder);
        Path file = Files.writeString(folder.resolve("node.conf"), config);
        return start(folder, "INFO", List.of("--config", file.toString()), newer);
    }

    private static KinoraProcess start(Path folder, String log, List<String> arguments, Path... newer)
            throws IOException {
        Files.createDirectories(folder);
        List<String> command = command(newer);
        command.addAll(List.of("serve", "--data", folder.resolve("data").toString()));
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().put("KINORA_LOG", log);
        return new KinoraProcess(builder.start());
    }

    /** How the command line is started; what it is to do comes behind. */
    static List<String> command(Path... newer) {
        return new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx768m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dorg.bytedeco.javacpp.nopointergc=true",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "-Dlogback.configurationFile=logback.xml", // of the service, not of its tests
                "-cp",
                Stream.concat(Stream.of(newer).map(Path::toString), Stream.of(System.getProperty("java.class.path")))
                        .collect(Collectors.joining(File.pathSeparator)),
                Main.class.getName()));
    }

    private void read() {
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for a line in which the pattern is found, and forgets those before it. */
    Matcher await(String pattern) throws InterruptedException {
        return awaitAll(pattern).get(0);
    }

    /** Waits until each pattern is found in a line, in whatever order, and forgets the lines. */
    List<Matcher> awaitAll(String... patterns) throws InterruptedException {
        Map<String, Matcher> found = new HashMap<>();
        StringBuilder heard = new StringBuilder();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (System.nanoTime() < end && found.size() < patterns.length) {
            String line = lines.poll(1, TimeUnit.SECONDS);
            if (line == null && !process.isAlive()) {
                break;
            }
            if (line != null) {
                heard.append(line).append('\n');
                Stream.of(patterns)
                        .map(pattern -> Pattern.compile(pattern).matcher(line))
                        .filter(Matcher::find)
                        .forEach(matcher -> found.put(matcher.pattern().pattern(), matcher));
            }
        }
        return Stream.of(patterns)
                .map(pattern -> Optional.ofNullable(found.get(pattern))
                        .orElseThrow(() -> new IllegalStateException(
                                "kinora serve did not say '%s' but:%n%s".formatted(pattern, heard))))
                .toList();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** What it has said since it was last waited for. */
    String words() {
        return String.join("\n", lines);
    }

    /** Sends it a signal, such as STOP or CONT. */
    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    /** Asks it to end, as Ctrl-C does and whoever replaces it, and waits until it has; returns the exit status. */
    int stop() throws InterruptedException {
        process.toHandle().destroy(); // unlike the process's own method it leaves the output open, for the last words
        return exitStatus();
    }

    /** Waits until it has ended. */
    int exitStatus() throws InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("kinora serve does not end");
        }
        return process.exitValue();
    }

    /** Kill -9. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
