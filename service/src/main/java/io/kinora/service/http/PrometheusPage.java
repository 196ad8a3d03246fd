package io.kinora.service.http;

import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code /metrics}, as Prometheus reads it: Kinora's own names, and on request the core of vLLM's beside them, so that dashboards and autoscaling rules made
 * for vLLM work as they are. Thread-safe.
 */
public final class PrometheusPage implements AutoCloseable {
    private static final Pattern SAMPLE = Pattern.compile("([a-z0-9_]+?)(_bucket|_count|_sum|_max)?(\\{(.*)})? (\\S+)");
    private static final Map<String, String> VLLM = new LinkedHashMap<>();

    static {
        VLLM.put("kinora_requests_running", "vllm:num_requests_running");
        VLLM.put("kinora_requests_waiting", "vllm:num_requests_waiting");
        VLLM.put("kinora_kv_cache_usage", "vllm:kv_cache_usage_perc");
        VLLM.put("kinora_preemptions_total", "vllm:num_preemptions_total");
        VLLM.put("kinora_prompt_tokens_total", "vllm:prompt_tokens_total");
        VLLM.put("kinora_generated_tokens_total", "vllm:generation_tokens_total");
        VLLM.put("kinora_time_to_first_token_seconds", "vllm:time_to_first_token_seconds");
        VLLM.put("kinora_inter_token_latency_seconds", "vllm:inter_token_latency_seconds");
        VLLM.put("kinora_request_queue_time_seconds", "vllm:request_queue_time_seconds");
        VLLM.put("kinora_request_prefill_time_seconds", "vllm:request_prefill_time_seconds");
        VLLM.put("kinora_request_decode_time_seconds", "vllm:request_decode_time_seconds");
    }

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
        StringBuilder page = new StringBuilder(text);
        text.lines().forEach(line -> {
            Matcher sample = SAMPLE.matcher(line);
            if (sample.matches() && VLLM.containsKey(sample.group(1))) {
                String labels = sample.group(4) == null ? "" : "," + sample.group(4);
                String suffix = sample.group(2) == null ? "" : sample.group(2);
                page.append("%s%s{model_name=\"%s\"%s} %s%n"
                        .formatted(VLLM.get(sample.group(1)), suffix, escaped(model), labels, sample.group(5)));
            }
        });
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
