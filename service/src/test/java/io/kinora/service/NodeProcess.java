package io.kinora.service;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
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

/** {@code kinora serve} as a node of a cluster, in a process of its own; its words are kept until somebody waits for them. */
final class NodeProcess implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 300;

    private final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private NodeProcess(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "output of a node");
        reader.setDaemon(true);
        reader.setUncaughtExceptionHandler((thread, e) -> {}); // the stream of a killed process breaks
        reader.start();
    }

    /**
     * Starts it.
     *
     * @param folder for what it keeps
     * @param config its configuration, over the defaults
     * @param newer classes that it has instead of those of the same name
     */
    static NodeProcess start(Path folder, String config, Path... newer) throws IOException {
        Files.createDirectories(folder);
        Path file = Files.writeString(folder.resolve("node.conf"), config);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
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
                Main.class.getName(),
                "serve",
                "--data",
                folder.resolve("data").toString(),
                "--config",
                file.toString()));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().put("KINORA_LOG", "INFO");
        return new NodeProcess(builder.start());
    }

    /** Ports that nobody listens on; all are open at once, so that none is given twice. */
    static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sockets.add(new ServerSocket(0));
        }
        List<Integer> ports = sockets.stream().map(ServerSocket::getLocalPort).toList();
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        return ports;
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
                                "the node did not say '%s' but:%n%s".formatted(pattern, heard))))
                .toList();
    }

    /** Asks it to end, as whoever replaces it does, and waits until it has. */
    void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the node does not end");
        }
    }

    boolean isAlive() {
        return process.isAlive();
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
