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
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code kinora serve} in a process of its own, which can be killed. */
final class ServeProcess implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 120;

    private final Process process;

    private ServeProcess(Process process) {
        this.process = process;
    }

    /** Starts it, with a broker of its own, and waits until it reads its topics. */
    static ServeProcess start(Path folder, int port, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("--port", Integer.toString(port)));
        all.addAll(List.of(arguments));
        return start(folder, all);
    }

    /** Starts it beside a broker that is there, and waits until it reads its topics. */
    static ServeProcess startBeside(Path folder, String bootstrapServers) throws IOException {
        Files.createDirectories(folder);
        return start(folder, List.of("--bootstrap-servers", bootstrapServers));
    }

    private static ServeProcess start(Path folder, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx768m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dorg.bytedeco.javacpp.nopointergc=true",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "serve",
                "--data",
                folder.resolve("data").toString(),
                "--http-port",
                "0"));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .directory(new File(folder.toString()))
                .redirectErrorStream(true)
                .start();
        ServeProcess serve = new ServeProcess(process);
        serve.awaitReading();
        return serve;
    }

    private void awaitReading() throws IOException {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        StringBuilder all = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            all.append(line).append('\n');
            if (line.contains("Ctrl-C stops")) {
                drain(lines);
                return;
            }
        }
        throw new IllegalStateException("serve ended before it was ready:\n" + all);
    }

    private static void drain(BufferedReader lines) {
        Thread reader = new Thread(
                () -> {
                    try {
                        while (lines.readLine() != null) {
                            Thread.onSpinWait();
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                "output of serve");
        reader.setDaemon(true);
        reader.setUncaughtExceptionHandler((thread, e) -> {}); // the stream of a killed process breaks
        reader.start();
    }

    /** Kill -9. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Sends it a signal, such as STOP or CONT. */
    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** As Ctrl-C; returns the exit status. */
    int stop() throws InterruptedException {
        process.destroy();
        process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
