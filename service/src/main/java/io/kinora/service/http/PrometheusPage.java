package io.kinora.service.http;

import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code /metrics}, as Prometheus reads it: Kinora's own names, and on request the core of vLLM's beside them, so that dashboards and autoscaling rules made
 * for vLLM work as they are. Thread-safe.
 */
public final class PrometheusPage implements AutoCloseable {
    private static final Pattern SAMPLE = Pattern.compile("([a-z0-9_]+?)(_bucket|_count|_sum|_max)?(\\{(.*)})? (\\S+)");
    private static final Map<String, String> VLLM = Map.ofEntries(
            Map.entry("kinora_requests_running", "vllm:num_requests_running"),
            Map.entry("kinora_requests_waiting", "vllm:num_requests_waiting"),
            Map.entry("kinora_kv_cache_usage", "vllm:kv_cache_usage_perc"),
            Map.entry("kinora_preemptions_total", "vllm:num_preemptions_total"),
            Map.entry("kinora_prompt_tokens_total", "vllm:prompt_tokens_total"),
            Map.entry("kinora_generated_tokens_total", "vllm:generation_tokens_total"),
            Map.entry("kinora_request_prompt_tokens", "vllm:request_prompt_tokens"),
            Map.entry("kinora_request_generated_tokens", "vllm:request_generation_tokens"),
            Map.entry("kinora_time_to_first_token_seconds", "vllm:time_to_first_token_seconds"),
            Map.entry("kinora_inter_token_latency_seconds", "vllm:inter_token_latency_seconds"),
            Map.entry("kinora_request_duration_seconds", "vllm:e2e_request_latency_seconds"),
            Map.entry("kinora_request_queue_time_seconds", "vllm:request_queue_time_seconds"),
            Map.entry("kinora_request_prefill_time_seconds", "vllm:request_prefill_time_seconds"),
            Map.entry("kinora_request_decode_time_seconds", "vllm:request_decode_time_seconds"));

    /** What was asked of a cache, by whether it was there: vLLM counts all that was asked, and of that what was there. */
    private static final Map<String, String> VLLM_CACHES =
            Map.of("kinora_prefix_tokens_total", "prefix_cache", "kinora_embeddings_requests_total", "mm_cache");

    private static final Pattern OUTCOME = Pattern.compile("kinora_requests_total\\{outcome=\"(stop|length)\"} (\\S+)");
    private static final Pattern CACHE = Pattern.compile("([a-z_]+)\\{result=\"(hit|miss)\"} (\\S+)");

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();

    /** A page with what the JVM and the process tell of themselves. */
    public PrometheusPage() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        collections.bindTo(registry);
    }

    /** Where the service counts. */
    public PrometheusMeterRegistry registry() {
        return registry;
    }

    String text() {
        return registry.scrape();
    }

    /** The page with vLLM's names as well, labelled with the model as vLLM's are. */
    String textWithVllmNames(String model) {
        String text = text();
        String label = "model_name=\"%s\"".formatted(escaped(model));
        StringBuilder page = new StringBuilder(text);
        Map<String, Double> asked = new TreeMap<>();
        text.lines().forEach(line -> {
            Matcher sample = SAMPLE.matcher(line);
            if (sample.matches() && VLLM.containsKey(sample.group(1))) {
                String labels = sample.group(4) == null ? "" : "," + sample.group(4);
                String suffix = sample.group(2) == null ? "" : sample.group(2);
                page.append(
                        "%s%s{%s%s} %s%n".formatted(VLLM.get(sample.group(1)), suffix, label, labels, sample.group(5)));
            }
            Matcher outcome = OUTCOME.matcher(line);
            if (outcome.matches()) {
                page.append("vllm:request_success_total{%s,finished_reason=\"%s\"} %s%n"
                        .formatted(label, outcome.group(1), outcome.group(2)));
            }
            Matcher cache = CACHE.matcher(line);
            if (cache.matches() && VLLM_CACHES.containsKey(cache.group(1))) {
                String name = "vllm:" + VLLM_CACHES.get(cache.group(1));
                double count = Double.parseDouble(cache.group(3));
                asked.merge(name + "_queries_total", count, Double::sum);
                asked.merge(name + "_hits_total", cache.group(2).equals("hit") ? count : 0, Double::sum);
            }
        });
        asked.forEach((name, count) -> page.append("%s{%s} %s%n".formatted(name, label, count)));
        return page.toString();
    }

    private static String escaped(String label) {
        return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
