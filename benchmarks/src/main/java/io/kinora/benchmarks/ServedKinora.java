package io.kinora.benchmarks;

import com.typesafe.config.ConfigFactory;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.client.KafkaSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code kinora serve} with a broker of its own and the untrained checkpoint, in a process of its own that can be looked at. */
final class ServedKinora implements AutoCloseable {
    private static final Duration STOPPING = Duration.ofMinutes(1);

    private final Process process;
    private final KafkaClients clients;
    private final URI address;

    private ServedKinora(Process process, KafkaClients clients, URI address) {
        this.process = process;
        this.clients = clients;
        this.address = address;
    }

    /**
     * Starts it and waits until it listens.
     *
     * @param folder that its data is in
     * @param words its configuration, over the defaults; ports are any free ones
     */
    static ServedKinora start(Path folder, String words) throws IOException {
        Path config = Files.writeString(
                folder.resolve("kinora.conf"), words + "\nkinora { http.port = 0, kafka.embedded.port = 0 }\n");
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // All of the heap is touched at once, so that what grows later is something else.
                "-Xms384m",
                "-Xmx384m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                "-Dorg.bytedeco.javacpp.nopointergc=true",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "-Dlogback.configurationFile=logback.xml",
                "-cp",
                System.getProperty("java.class.path"),
                "io.kinora.service.Main",
                "serve",
                "--data",
                folder.resolve("data").toString(),
                "--config",
                config.toString());
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String broker = await(output, "broker at (\\S+)");
        URI address = URI.create(await(output, "listening at (http\\S+)"));
        drain(output);
        KafkaSettings settings = KafkaSettings.from(ConfigFactory.load()).withBootstrapServers(broker);
        return new ServedKinora(process, new KafkaClients(settings), address);
    }

    long pid() {
        return process.pid();
    }

    /** To its topics. */
    KafkaClients clients() {
        return clients;
    }

    /** Of its HTTP API. */
    URI address() {
        return address;
    }

    private static String await(BufferedReader output, String pattern) throws IOException {
        StringBuilder heard = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            heard.append(line).append('\n');
            Matcher matcher = Pattern.compile(pattern).matcher(line);
            if (matcher.find()) {
                return matcher.group(1);
            }
        }
        throw new IOException("the service ended before it was ready:\n" + heard);
    }

    /** What the service says from now on is passed on, so that it does not wait for a reader. */
    private static void drain(BufferedReader output) {
        Thread reader = new Thread(
                () -> {
                    try {
                        for (String line = output.readLine(); line != null; line = output.readLine()) {
                            System.err.println(line);
                        }
                    } catch (IOException e) {
                        System.err.println("the service says no more: " + e.getMessage());
                    }
                },
                "output of the service");
        reader.setDaemon(true);
        reader.start();
    }

    /** As Ctrl-C, and if that takes too long as kill -9. */
    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(STOPPING.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
