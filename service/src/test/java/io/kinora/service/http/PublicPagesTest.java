package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
                .containsPattern("vllm:generation_tokens_total\\{model_name=\"" + kinora.model() + "\"} [1-9]")
                .containsPattern(
                        "vllm:time_to_first_token_seconds_count\\{model_name=\"" + kinora.model() + "\"} [1-9]");
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
