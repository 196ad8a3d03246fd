package io.kinora.benchmarks;

import com.sun.management.UnixOperatingSystemMXBean;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import javax.management.MBeanServerConnection;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** Looks at a JVM from outside: what it takes of the machine, and what it still holds after a collection. Linux only. */
final class ServiceGauge implements AutoCloseable {
    private static final double MEBIBYTE = 1 << 20;
    private static final double KIBIBYTES = 1024;

    /**
     * What was seen. Memory in MiB.
     *
     * @param resident all of its pages in memory
     * @param anonymous those of them that are no file's: heap, libtorch's tensors, FFmpeg's frames, thread stacks
     * @param outside what is anonymous and neither heap nor the JVM's own: native memory
     * @param heap in use after a collection
     * @param jvm committed by the JVM outside the heap: classes, compiled code
     * @param classes in use for classes: compiled code comes for as long as something is compiled anew, classes do not
     * @param direct buffers outside the heap that Java knows of
     * @param processor time used since its start
     */
    record Reading(
            double resident,
            double anonymous,
            double outside,
            double heap,
            double jvm,
            double classes,
            double direct,
            int threads,
            long descriptors,
            Duration processor) {}

    private final long pid;
    private final JMXConnector connector;
    private final MemoryMXBean memory;
    private final ThreadMXBean threads;
    private final UnixOperatingSystemMXBean system;
    private final List<BufferPoolMXBean> buffers;
    private final List<MemoryPoolMXBean> pools;

    private ServiceGauge(long pid, JMXConnector connector) throws IOException {
        MBeanServerConnection beans = connector.getMBeanServerConnection();
        this.pid = pid;
        this.connector = connector;
        this.memory = ManagementFactory.getPlatformMXBean(beans, MemoryMXBean.class);
        this.threads = ManagementFactory.getPlatformMXBean(beans, ThreadMXBean.class);
        this.system = ManagementFactory.getPlatformMXBean(beans, UnixOperatingSystemMXBean.class);
        this.buffers = ManagementFactory.getPlatformMXBeans(beans, BufferPoolMXBean.class);
        this.pools = ManagementFactory.getPlatformMXBeans(beans, MemoryPoolMXBean.class);
    }

    /** Attaches to a JVM of the same user. */
    @SuppressWarnings("BanJNDI") // the address is that of a process which we started
    static ServiceGauge attach(long pid) throws IOException, AttachNotSupportedException {
        VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
        String address;
        try {
            address = machine.startLocalManagementAgent();
        } finally {
            machine.detach();
        }
        return new ServiceGauge(pid, JMXConnectorFactory.connect(new JMXServiceURL(address)));
    }

    /** Has it collect its garbage, and looks. */
    Reading read() throws IOException {
        memory.gc();
        double heap = memory.getHeapMemoryUsage().getUsed() / MEBIBYTE;
        double committed = memory.getHeapMemoryUsage().getCommitted() / MEBIBYTE;
        double jvm = memory.getNonHeapMemoryUsage().getCommitted() / MEBIBYTE;
        double direct = buffers.stream()
                        .filter(pool -> pool.getName().equals("direct"))
                        .mapToLong(BufferPoolMXBean::getMemoryUsed)
                        .sum()
                / MEBIBYTE;
        double anonymous = status("RssAnon");
        return new Reading(
                status("VmRSS"),
                anonymous,
                anonymous - committed - jvm,
                heap,
                jvm,
                classes(),
                direct,
                threads.getThreadCount(),
                system.getOpenFileDescriptorCount(),
                Duration.ofNanos(system.getProcessCpuTime()));
    }

    private double classes() {
        return pools.stream()
                        .filter(pool -> pool.getName().equals("Metaspace"))
                        .mapToLong(pool -> pool.getUsage().getUsed())
                        .sum()
                / MEBIBYTE;
    }

    private double status(String name) throws IOException {
        String line = Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(candidate -> candidate.startsWith(name + ":"))
                .findFirst()
                .orElseThrow(() -> new IOException("no %s in the status of process %d".formatted(name, pid)));
        return Long.parseLong(line.toLowerCase(Locale.ROOT).replaceAll("[^0-9]", "")) / KIBIBYTES;
    }

    @Override
    public void close() throws IOException {
        connector.close();
    }
}
