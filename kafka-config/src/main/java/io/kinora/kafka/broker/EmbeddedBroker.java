package io.kinora.kafka.broker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real Kafka broker in this process: one node in KRaft mode, broker and controller at once, its data on disk under one
 * folder. It survives restarts and kills: what was acknowledged is there again. It is for one machine, listens without
 * encryption, and on the loopback address unless told otherwise.
 *
 * <p>A broker that cannot go on (its disk is full, or gone) ends the process at once, as Kafka's own process does; the
 * reason is in the log, and the next start recovers what was acknowledged.
 *
 * <p>Thread-safe. {@link #close()} may be called more than once.
 */
public final class EmbeddedBroker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);
    private static final int NODE_ID = 1;
    private static final String CLIENTS = "PLAINTEXT";
    private static final String CONTROLLER = "CONTROLLER";
    private static final String LOOPBACK = "127.0.0.1";
    private static final String FORMATTED = "meta.properties";

    private final BrokerSettings settings;
    private final int port;
    private final FolderLock lock;
    private final KafkaRaftServer server;
    private final AtomicBoolean closed = new AtomicBoolean();

    private EmbeddedBroker(BrokerSettings settings, int port, FolderLock lock, KafkaRaftServer server) {
        this.settings = settings;
        this.port = port;
        this.lock = lock;
        this.server = server;
    }

    /**
     * Starts a broker and returns when it takes requests; blocks for a few seconds. The folder is formatted when it is
     * new, and recovered when its last broker was killed.
     *
     * @throws BrokerFolderInUseException when another broker works on the folder
     * @throws BrokerException when the folder cannot be written, the port is taken, or the data is not Kafka's
     */
    public static EmbeddedBroker start(BrokerSettings settings) {
        Path folder = settings.folder().toAbsolutePath().normalize();
        FolderLock lock = lock(folder);
        try {
            int port = free(settings.host(), settings.port().orElse(0));
            int controllerPort = free(LOOPBACK, 0);
            Path data = folder.resolve("data");
            format(data);
            KafkaConfig config = new KafkaConfig(properties(settings, data, port, controllerPort));
            KafkaRaftServer server = startServer(config);
            LOG.info("broker listens on {}:{}, data in {}", settings.host(), port, folder);
            return new EmbeddedBroker(settings, port, lock, server);
        } catch (RuntimeException e) {
            lock.close();
            throw e instanceof BrokerException
                    ? e
                    : new BrokerException("broker on %s did not start: %s".formatted(folder, e.getMessage()), e);
        }
    }

    private static KafkaRaftServer startServer(KafkaConfig config) {
        KafkaRaftServer server = new KafkaRaftServer(config, Time.SYSTEM);
        try {
            server.startup();
            return server;
        } catch (RuntimeException e) {
            server.shutdown();
            throw e;
        }
    }

    private static FolderLock lock(Path folder) {
        try {
            Files.createDirectories(folder);
            return FolderLock.take(folder);
        } catch (IOException e) {
            throw new BrokerException("%s cannot be used as a broker's folder: %s".formatted(folder, e), e);
        }
    }

    /** The port itself if it is free, or any free one for 0. */
    private static int free(String host, int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new BrokerException(
                    "port %d of %s cannot be listened on: %s".formatted(port, host, e.getMessage()), e);
        }
    }

    private static void format(Path data) {
        if (Files.exists(data.resolve(FORMATTED))) {
            return;
        }
        try (PrintStream quiet = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            Files.createDirectories(data);
            new Formatter()
                    .setPrintStream(quiet)
                    .setClusterId(Uuid.randomUuid().toString())
                    .setNodeId(NODE_ID)
                    .setControllerListenerName(CONTROLLER)
                    .setDirectories(List.of(data.toString()))
                    .setMetadataLogDirectory(data.toString())
                    .run();
        } catch (Exception e) {
            throw new BrokerException("%s cannot be formatted: %s".formatted(data, e.getMessage()), e);
        }
    }

    private static Properties properties(BrokerSettings settings, Path data, int port, int controllerPort) {
        Properties properties = new Properties();
        properties.putAll(Map.of(
                "process.roles",
                "broker,controller",
                "node.id",
                Integer.toString(NODE_ID),
                "controller.quorum.voters",
                NODE_ID + "@" + LOOPBACK + ":" + controllerPort,
                "controller.listener.names",
                CONTROLLER,
                "listeners",
                CLIENTS + "://" + settings.host() + ":" + port + "," + CONTROLLER + "://" + LOOPBACK + ":"
                        + controllerPort,
                "advertised.listeners",
                CLIENTS + "://" + settings.host() + ":" + port,
                "listener.security.protocol.map",
                CLIENTS + ":PLAINTEXT," + CONTROLLER + ":PLAINTEXT",
                "inter.broker.listener.name",
                CLIENTS,
                "log.dirs",
                data.toString()));
        properties.putAll(ONE_NODE);
        properties.put("message.max.bytes", Integer.toString(settings.maxMessageBytes()));
        properties.putAll(settings.properties());
        return properties;
    }

    /** Where Kafka's defaults, made for clusters of big machines, are too large or too patient. */
    private static final Map<String, String> ONE_NODE = Map.ofEntries(
            Map.entry("auto.create.topics.enable", "false"),
            Map.entry("default.replication.factor", "1"),
            Map.entry("min.insync.replicas", "1"),
            Map.entry("offsets.topic.replication.factor", "1"),
            Map.entry("offsets.topic.num.partitions", "4"),
            Map.entry("transaction.state.log.replication.factor", "1"),
            Map.entry("transaction.state.log.min.isr", "1"),
            Map.entry("transaction.state.log.num.partitions", "4"),
            Map.entry("share.coordinator.state.topic.replication.factor", "1"),
            Map.entry("share.coordinator.state.topic.min.isr", "1"),
            Map.entry("share.coordinator.state.topic.num.partitions", "1"),
            Map.entry("group.initial.rebalance.delay.ms", "0"),
            // After a kill the controller waits this long before it takes the same node again.
            Map.entry("broker.session.timeout.ms", "3000"),
            Map.entry("broker.heartbeat.interval.ms", "500"),
            Map.entry("num.network.threads", "2"),
            Map.entry("num.io.threads", "4"),
            Map.entry("background.threads", "2"),
            Map.entry("num.replica.fetchers", "1"),
            Map.entry("num.recovery.threads.per.data.dir", "2"),
            Map.entry("log.cleaner.threads", "1"),
            Map.entry("log.cleaner.dedupe.buffer.size", "8388608"));

    /** The address for clients' {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return settings.host() + ":" + port;
    }

    public int port() {
        return port;
    }

    /** Stops the broker cleanly, so that the next start needs no recovery; blocks until its files are closed. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            try {
                server.shutdown();
                server.awaitShutdown();
            } finally {
                lock.close();
            }
        }
    }
}
