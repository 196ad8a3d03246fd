package io.kinora.tensor.libtorch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Main memory that is still to be had. */
final class HostMemory {
    private static final Path MEMINFO = Path.of("/proc/meminfo");
    private static final String AVAILABLE = "MemAvailable:";
    private static final long KIB = 1024;

    private HostMemory() {}

    /** What Linux calls available (free, or cache that can be dropped); elsewhere the free memory. */
    static long availableBytes() {
        if (!Files.isReadable(MEMINFO)) {
            return fromOperatingSystemBean();
        }
        try (Stream<String> lines = Files.lines(MEMINFO)) {
            return lines.filter(line -> line.startsWith(AVAILABLE))
                    .map(line ->
                            line.substring(AVAILABLE.length()).replace("kB", "").strip())
                    .findFirst()
                    .map(kib -> Long.parseLong(kib) * KIB)
                    .orElseGet(HostMemory::fromOperatingSystemBean);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + MEMINFO, e);
        }
    }

    private static long fromOperatingSystemBean() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system) {
            return system.getFreeMemorySize();
        }
        throw new IllegalStateException("this Java runtime does not tell how much memory is free");
    }
}
