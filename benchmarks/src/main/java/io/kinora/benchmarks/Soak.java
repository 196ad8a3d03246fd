package io.kinora.benchmarks;

import com.typesafe.config.ConfigFactory;
import io.kinora.benchmarks.ServiceGauge.Reading;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.client.KafkaSettings;
import io.kinora.kafka.exchange.KinoraClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Whether a service stays as it is: {@code kinora serve} with a broker of its own, in a process of its own, under everything it can be asked for, at a
 * moderate rate; every half minute a look at what it takes of the machine. Prints a table, and how fast each figure grows once it is warm; ends with 1 if
 * one grows faster than it may, or if anything that was asked for failed.
 *
 * <p>Arguments: minutes (default 30). The first third is for warming up: caches fill, code is compiled, pools reach their size.
 */
public final class Soak {
    private static final int DEFAULT_MINUTES = 30;
    private static final Duration EVERY = Duration.ofSeconds(30);
    private static final Duration STOPPING = Duration.ofMinutes(1);
    private static final double WARM = 1 / 3.0;

    /** Bounded stores are small, so that they are full when the counting begins. */
    private static final String CONFIGURATION = """
            kinora {
              http.port = 0
              kafka.embedded.port = 0
              encoder.cache-size = 16 MiB
              language-model { cache-size = 64 MiB, max-prefixes = 8 }
            }
            """;

    /**
     * A figure that must not grow.
     *
     * @param most what it may grow in an hour
     */
    private record Bound(String name, double most, ToDoubleFunction<Reading> figure) {}

    private static final List<Bound> BOUNDS = List.of(
            new Bound("resident memory, MiB", 48, Reading::resident),
            new Bound("native memory, MiB", 32, Reading::outside),
            new Bound("heap after a collection, MiB", 16, Reading::heap),
            new Bound("classes and code, MiB", 12, Reading::jvm),
            new Bound("direct buffers, MiB", 8, Reading::direct),
            new Bound("threads", 4, Reading::threads),
            new Bound("file descriptors", 20, Reading::descriptors));

    private record Sample(double hours, Reading reading, long lag) {}

    private Soak() {}

    /** Runs it; the folder that it works in is deleted at the end. */
    public static void main(String[] arguments) throws Exception {
        Duration length = Duration.ofMinutes(arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_MINUTES);
        Path folder = Files.createTempDirectory("kinora-soak-");
        Process service = start(folder);
        boolean flat;
        try {
            flat = run(service, length);
        } finally {
            service.destroy();
            if (!service.waitFor(STOPPING.toSeconds(), java.util.concurrent.TimeUnit.SECONDS)) {
                service.destroyForcibly().waitFor();
            }
            delete(folder);
        }
        System.exit(flat ? 0 : 1);
    }

    private static Process start(Path folder) throws IOException {
        Path config = Files.writeString(folder.resolve("soak.conf"), CONFIGURATION);
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
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
    }

    private static boolean run(Process service, Duration length) throws Exception {
        String broker;
        URI address;
        BufferedReader output =
                new BufferedReader(new InputStreamReader(service.getInputStream(), StandardCharsets.UTF_8));
        broker = await(output, "broker at (\\S+)");
        address = URI.create(await(output, "listening at (http\\S+)"));
        drain(output);
        KafkaSettings settings = KafkaSettings.from(ConfigFactory.load()).withBootstrapServers(broker);
        List<Sample> samples = new ArrayList<>();
        try (ServiceGauge gauge = ServiceGauge.attach(service.pid());
                KinoraClient kafka = new KinoraClient(new KafkaClients(settings), "/kinora/soak");
                SoakTraffic traffic = new SoakTraffic(address, kafka, "soak-")) {
            traffic.begin();
            System.out.println("| min | resident | anonymous | native | heap | classes, code | direct | threads | "
                    + "descriptors | lag | processor s |");
            System.out.println("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
            long begun = System.nanoTime();
            for (int i = 1; EVERY.multipliedBy(i).compareTo(length) <= 0; i++) {
                long due = begun + EVERY.multipliedBy(i).toNanos();
                Thread.sleep(Math.max(0, (due - System.nanoTime()) / 1_000_000));
                Sample sample = new Sample((System.nanoTime() - begun) / 3.6e12, gauge.read(), traffic.lag());
                samples.add(sample);
                print(sample);
            }
            System.out.printf("%nDone: %s%n", traffic.done());
            System.out.printf("Failed: %d %s%n%n", traffic.failed(), traffic.failures());
            return judge(samples) && traffic.failed() == 0;
        }
    }

    private static void print(Sample sample) {
        Reading reading = sample.reading();
        System.out.printf(
                Locale.ROOT,
                "| %.1f | %.0f | %.0f | %.1f | %.1f | %.1f | %.2f | %d | %d | %d | %.0f |%n",
                sample.hours() * 60,
                reading.resident(),
                reading.anonymous(),
                reading.outside(),
                reading.heap(),
                reading.jvm(),
                reading.direct(),
                reading.threads(),
                reading.descriptors(),
                sample.lag(),
                reading.processor().toMillis() / 1e3);
    }

    private static boolean judge(List<Sample> samples) {
        double end = samples.get(samples.size() - 1).hours();
        List<Sample> warm =
                samples.stream().filter(sample -> sample.hours() > WARM * end).toList();
        boolean flat = true;
        System.out.println("| | an hour | may grow | |");
        System.out.println("| --- | --- | --- | --- |");
        for (Bound bound : BOUNDS) {
            double growth = Slope.anHour(warm.stream()
                    .map(sample ->
                            new Slope.Point(sample.hours(), bound.figure().applyAsDouble(sample.reading())))
                    .toList());
            boolean holds = growth <= bound.most();
            flat &= holds;
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %.1f | %.0f | %s |%n",
                    bound.name(),
                    growth,
                    bound.most(),
                    holds ? "flat" : "GROWS");
        }
        return flat;
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
                        throw new UncheckedIOException(e);
                    }
                },
                "output of the service");
        reader.setDaemon(true);
        reader.start();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
