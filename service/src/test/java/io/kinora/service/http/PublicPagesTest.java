package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.actors.metrics.ServingMetrics;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What needs no key: the page, and what is for whoever watches over the process. */
@Tag("slow")
@ExtendWith(RunningKinora.Extension.class)
class PublicPagesTest {
    private final RunningKinora kinora;

    PublicPagesTest(RunningKinora kinora) {
        this.kinora = kinora;
    }

    @Test
    void metricsCountWhatWasAnsweredUnderKinorasNamesAndVllms() throws Exception {
        kinora.openai()
                .chat()
                .completions()
                .create(kinora.question("What moves?").build());
        String page = new String(kinora.get("/metrics").body(), StandardCharsets.UTF_8);
        assertThat(page)
                .contains(
                        "kinora_generated_tokens_total",
                        "kinora_time_to_first_token_seconds_bucket",
                        "jvm_memory_used_bytes")
                .containsPattern("vllm:request_success_total\\{model_name=\"" + kinora.model()
                        + "\",finished_reason=\"length\"} [1-9]")
                .containsPattern("vllm:prefix_cache_queries_total\\{model_name=\"" + kinora.model() + "\"} [1-9]")
                .contains("vllm:mm_cache_hits_total", "vllm:e2e_request_latency_seconds_bucket")
                .containsPattern("vllm:generation_tokens_total\\{model_name=\"" + kinora.model() + "\"} [1-9]")
                .containsPattern(
                        "vllm:time_to_first_token_seconds_count\\{model_name=\"" + kinora.model() + "\"} [1-9]");
    }

    @Test
    void whatTheDashboardDrawsIsCounted() throws Exception {
        ServingMetrics metrics = new ServingMetrics(new PrometheusPage().registry());
        metrics.requestEnded("stop", 8, 4, 2, Duration.ZERO, Duration.ZERO, Duration.ZERO);
        metrics.requestRefused("busy");
        metrics.firstResult(Duration.ZERO, Duration.ZERO);
        metrics.prefixAsked(4, true);
        metrics.clipDecoded(Duration.ZERO);
        metrics.clipEncoded(8, Duration.ZERO);
        metrics.embeddingsAsked(false);
        metrics.denoised(Duration.ZERO);
        metrics.jobEnded("completed", Duration.ZERO);
        metrics.recordCommitted("questions", Duration.ZERO);
        metrics.deadLettered("questions", "malformed");
        metrics.preempted();
        String page = ((PrometheusMeterRegistry) metrics.registry()).scrape()
                + new String(kinora.get("/metrics").body(), StandardCharsets.UTF_8);
        Set<String> counted = page.lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split("[{ ]", 2)[0])
                .collect(Collectors.toSet());
        for (String document : List.of("docs/grafana/kinora.json", "docs/operations.md")) {
            Set<String> named = Pattern.compile("\\bkinora_[a-z_]+")
                    .matcher(Files.readString(ClientProgram.project().resolve(document)))
                    .results()
                    .map(MatchResult::group)
                    .collect(Collectors.toSet());
            assertThat(named).as(document).isNotEmpty().allSatisfy(name -> assertThat(counted)
                    .as(name)
                    .containsAnyOf(name, name + "_count"));
        }
    }

    @Test
    void thePageComesFromTheServiceAndLoadsNothingFromElsewhere() throws Exception {
        HttpResponse<byte[]> page = kinora.get("/");
        String html = new String(page.body(), StandardCharsets.UTF_8);
        assertThat(page.headers().firstValue("content-security-policy").orElseThrow())
                .contains("default-src 'self'");
        assertThat(html).doesNotContainPattern("(src|href)=\"https?:");
        Matcher files = Pattern.compile("(?:src|href)=\"(page/[^\"]+)\"").matcher(html);
        int found = 0;
        while (files.find()) {
            found++;
            assertThat(kinora.get("/" + files.group(1)).statusCode())
                    .as(files.group(1))
                    .isEqualTo(200);
        }
        assertThat(found).isEqualTo(2);
        assertThat(kinora.get("/page/../application.conf").statusCode()).isEqualTo(404);
    }
}
