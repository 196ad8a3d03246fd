package io.kinora.service.http;

import akka.http.javadsl.model.HttpResponse;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.actors.adapter.CheckpointCard;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** {@code /v1/node}: what this node runs on, and how busy it is. Thread-safe. */
public final class NodeFacts {
    /**
     * What does not change while it runs.
     *
     * @param engine the name of the engine
     * @param device where tensors live
     * @param stages parts that the language model is cut into
     * @param started when
     * @param cluster that it belongs to
     */
    public record Setting(String engine, String device, int stages, Instant started, Optional<ClusterFacts> cluster) {
        /** Of a node that belongs to no cluster. */
        public Setting(String engine, String device, int stages, Instant started) {
            this(engine, device, stages, started, Optional.empty());
        }
    }

    private final ServedModel model;
    private final Setting setting;
    private final MeterRegistry metrics;
    private final Clock clock;

    NodeFacts(ServedModel model, Setting setting, MeterRegistry metrics, Clock clock) {
        this.model = model;
        this.setting = setting;
        this.metrics = metrics;
        this.clock = clock;
    }

    HttpResponse get() {
        CheckpointCard card = model.card();
        ObjectNode node = Json.MAPPER.createObjectNode().put("object", "node");
        node.putObject("model")
                .put("id", card.name())
                .put("revision", card.revision())
                .put("untrained", card.untrained())
                .put("answers", model.answers().isPresent())
                .put("makes", model.makes().name().toLowerCase(Locale.ROOT));
        node.put("engine", setting.engine()).put("device", setting.device()).put("shards", setting.stages());
        node.put("processors", Runtime.getRuntime().availableProcessors());
        node.put(
                "uptime_seconds",
                Duration.between(setting.started(), clock.instant()).toSeconds());
        Runtime runtime = Runtime.getRuntime();
        node.putObject("memory")
                .put("heap_used", runtime.totalMemory() - runtime.freeMemory())
                .put("heap_max", runtime.maxMemory())
                .put("direct", direct());
        node.putObject("load")
                .put("running", gauge("kinora.requests.running"))
                .put("waiting", gauge("kinora.requests.waiting"))
                .put("kv_cache_usage", gauge("kinora.kv.cache.usage"));
        setting.cluster().ifPresent(cluster -> cluster.describe(node));
        return Replies.json(node);
    }

    private static long direct() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(pool -> pool.getMemoryUsed())
                .sum();
    }

    private double gauge(String name) {
        Gauge gauge = metrics.find(name).gauge();
        return gauge == null ? 0 : gauge.value();
    }
}
