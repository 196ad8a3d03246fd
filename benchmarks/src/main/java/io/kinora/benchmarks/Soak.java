package io.kinora.benchmarks;

import io.kinora.benchmarks.ServiceGauge.Reading;
import io.kinora.kafka.exchange.KinoraClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.ToDoubleFunction;

/**
 * Whether a service stays as it is: {@code kinora serve} with a broker of its own, in a process of its own, under everything it can be asked for, at a
 * rate that it can bear; every minute it comes to rest, for a look at what it takes of the machine. Prints a table, and how fast each figure grows once it
 * is warm; ends with 1 if one grows faster than it may, if anything that was asked for failed, or if the service was behind for half of the time.
 *
 * <p>Arguments: minutes (default 45). The first third is for warming up: caches fill, code is compiled, pools reach their size; half an hour counts.
 */
public final class Soak {
    private static final int DEFAULT_MINUTES = 45;
    private static final Duration EVERY = Duration.ofMinutes(1);
    private static final double WARM = 1 / 3.0;
    private static final double MOST_BEHIND = 0.5;

    /** Bounded stores are small, so that they are full when the counting begins; the broker does not take a busy machine for a lost node. */
    private static final String CONFIGURATION = """
            kinora {
              encoder.cache-size = 16 MiB
              language-model { cache-size = 64 MiB, max-prefixes = 8 }
              kafka.embedded.properties."broker.session.timeout.ms" = 30000
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
            new Bound("classes, MiB", 8, Reading::classes),
            new Bound("direct buffers, MiB", 8, Reading::direct),
            new Bound("threads", 4, Reading::threads),
            new Bound("file descriptors", 20, Reading::descriptors));

    private record Sample(double hours, Reading reading, OptionalLong lag) {}

    private Soak() {}

    /** Runs it; the folder that it works in is deleted at the end. */
    public static void main(String[] arguments) throws Exception {
        Duration length = Duration.ofMinutes(arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_MINUTES);
        // Shorter than the service keeps idle connections, so that none is closed just as it is used again.
        System.setProperty("jdk.httpclient.keepalive.timeout", "20");
        Path folder = Files.createTempDirectory("kinora-soak-");
        boolean flat;
        try (ServedKinora service = ServedKinora.start(folder, CONFIGURATION)) {
            flat = run(service, length);
        } finally {
            QuestionsOnAClip.delete(folder);
        }
        System.exit(flat ? 0 : 1);
    }

    private static boolean run(ServedKinora service, Duration length) throws Exception {
        List<Sample> samples = new ArrayList<>();
        try (ServiceGauge gauge = ServiceGauge.attach(service.pid());
                KinoraClient kafka = new KinoraClient(service.clients(), "/kinora/soak");
                SoakTraffic traffic = new SoakTraffic(service.address(), kafka, "soak-")) {
            traffic.begin();
            System.out.println(
                    "| min | resident | anonymous | native | heap | classes, code | of it classes | direct | threads | "
                            + "descriptors | lag | processor s |");
            System.out.println("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
            long begun = System.nanoTime();
            for (int i = 1; EVERY.multipliedBy(i).compareTo(length) <= 0; i++) {
                long due = begun + EVERY.multipliedBy(i).toNanos();
                Thread.sleep(Math.max(0, (due - System.nanoTime()) / 1_000_000));
                traffic.rest();
                Sample sample = new Sample((System.nanoTime() - begun) / 3.6e12, gauge.read(), traffic.lag());
                traffic.goOn();
                samples.add(sample);
                print(sample);
            }
            System.out.printf("%nDone: %s%n", traffic.done());
            System.out.printf(Locale.ROOT, "Behind: %.0f %% of the time%n", 100 * traffic.behind());
            System.out.printf("Failed: %d %s%n%n", traffic.failed(), traffic.failures());
            return judge(samples) && traffic.failed() == 0 && traffic.behind() < MOST_BEHIND;
        }
    }

    private static void print(Sample sample) {
        Reading reading = sample.reading();
        System.out.printf(
                Locale.ROOT,
                "| %.1f | %.0f | %.0f | %.1f | %.1f | %.1f | %.1f | %.2f | %d | %d | %s | %.0f |%n",
                sample.hours() * 60,
                reading.resident(),
                reading.anonymous(),
                reading.outside(),
                reading.heap(),
                reading.jvm(),
                reading.classes(),
                reading.direct(),
                reading.threads(),
                reading.descriptors(),
                sample.lag().isPresent() ? Long.toString(sample.lag().getAsLong()) : "?",
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
}
