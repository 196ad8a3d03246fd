package io.kinora.service.doctor;

import com.sun.management.OperatingSystemMXBean;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.kinora.actors.HostSettings;
import io.kinora.kafka.client.KafkaSettings;
import io.kinora.service.http.HttpSettings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The configuration, the Java virtual machine, memory and disk. */
final class Machine {
    private static final double GIB = 1L << 30;
    private static final long LITTLE_HEAP = 1L << 30;
    private static final long LITTLE_MEMORY = 4L << 30;
    private static final long LITTLE_DISK = 5L << 30;
    private static final int OLDEST_JAVA = 17;

    private Machine() {}

    static List<Finding> configuration(Config config) {
        try {
            KafkaSettings.from(config);
            HttpSettings http = HttpSettings.from(config);
            HostSettings.from(config);
            boolean elsewhere = !http.host().startsWith("127.") && !http.host().equals("localhost");
            if (elsewhere && http.tenants().isEmpty()) {
                return List.of(Finding.warning(
                        "configuration",
                        "HTTP listens on %s, and asks nobody for a key".formatted(http.host()),
                        "configure kinora.http.tenants, and kinora.http.tls or a proxy that does TLS"));
            }
            return List.of(Finding.ok("configuration", "every key can be used"));
        } catch (ConfigException | IllegalArgumentException e) {
            return List.of(Finding.failed(
                    "configuration", String.valueOf(e.getMessage()), "mend the key in your configuration file"));
        }
    }

    static List<Finding> java(Config config) {
        int version = Runtime.version().feature();
        String what = "%s %s on %s %s"
                .formatted(
                        System.getProperty("java.vm.name"),
                        Runtime.version(),
                        System.getProperty("os.name"),
                        System.getProperty("os.arch"));
        return List.of(
                version >= OLDEST_JAVA
                        ? Finding.ok("java", what)
                        : Finding.failed("java", what, "install a JDK of version %d or newer".formatted(OLDEST_JAVA)));
    }

    static List<Finding> memory(Config config) {
        long heap = Runtime.getRuntime().maxMemory();
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long physical = system.getTotalMemorySize();
        String what = String.format(
                Locale.ROOT, "%.1f GiB, of which Java's heap may take %.1f GiB", physical / GIB, heap / GIB);
        if (heap < LITTLE_HEAP) {
            return List.of(Finding.warning("memory", what, "give Java more: JAVA_OPTS=-Xmx2g"));
        }
        if (physical < LITTLE_MEMORY) {
            return List.of(Finding.warning(
                    "memory", what, "weights live outside of the heap: 'kinora plan' says what a checkpoint needs"));
        }
        return List.of(Finding.ok("memory", what));
    }

    static List<Finding> disk(Config config) {
        Path folder = Path.of(config.getString("kinora.data-dir")).toAbsolutePath();
        try {
            Path existing = folder;
            while (!Files.exists(existing)) {
                existing = existing.getParent();
            }
            Path probe = Files.createTempFile(existing, "kinora-doctor", ".tmp");
            Files.delete(probe);
            long free = Files.getFileStore(existing).getUsableSpace();
            String what = String.format(Locale.ROOT, "%.1f GiB free at %s", free / GIB, folder);
            return List.of(
                    free < LITTLE_DISK
                            ? Finding.warning(
                                    "disk",
                                    what,
                                    "clips and videos are kept there: point --data elsewhere, or shorten the topics' retention")
                            : Finding.ok("disk", what));
        } catch (IOException e) {
            return List.of(Finding.failed(
                    "disk", "%s cannot be written to: %s".formatted(folder, e), "point --data at a folder of yours"));
        }
    }
}
