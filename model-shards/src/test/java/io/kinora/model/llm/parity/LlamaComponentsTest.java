package io.kinora.model.llm.parity;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.parity.ParityReport;
import io.kinora.tensor.parity.ParityRunner;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cases of the language model as {@code kinora parity} runs them. */
final class LlamaComponentsTest {
    private static Engine engine;

    @TempDir
    private Path folder;

    @BeforeAll
    static void openEngine() {
        engine = Engines.open(Engines.AUTO, Device.CPU);
    }

    @AfterAll
    static void closeEngine() {
        engine.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama_layer",
                "llama_grouped",
                "llama_grouped_stages",
                "llama_greedy_stages",
                "llama_int8",
                "llama_int4",
                "llama_tied",
                "llama_greedy",
                "llama_greedy_rows",
                "llama_lora",
                "llama_lora_saved",
                "eva_native",
                "eva_block"
            })
    void theOfficialOutputsAreMet(String name) {
        ParityReport report = new ParityRunner(engine).run(released(name));

        assertThat(report.failure()).isEmpty();
        assertThat(report.agrees()).as(report.toString()).isTrue();
    }

    @Test
    void aCaseDiffersWhereTheModelIsAnother() throws IOException {
        writeCase("""
                {"component": "llama.logits", "checkpoint": "%s",
                 "config": {"rms_norm_eps": 0.1},
                 "inputs": {"input_ids": {"tensor": "input.input_ids"}, "keep_last": 1},
                 "outputs": {"last_hidden_state": {"tensor": "output.last_hidden_state", "atol": 1e-3, "rtol": 0}}}
                """, "llama_layer");

        assertThat(new ParityRunner(engine).run(folder).agrees()).isFalse();
    }

    @Test
    void aModelInFewerBitsIsNotTheModelAsStored() throws IOException {
        String text = Files.readString(released("llama_int8").resolve("case.json"));
        Files.writeString(
                folder.resolve("case.json"),
                text.replace("int8", "int4")
                        .replace(
                                "\"checkpoint\": \"checkpoint\"",
                                "\"checkpoint\": \"%s\""
                                        .formatted(released("llama_int8").resolve("checkpoint"))));
        Files.copy(released("llama_int8").resolve("tensors.safetensors"), folder.resolve("tensors.safetensors"));

        ParityReport report = new ParityRunner(engine).run(folder);

        assertThat(report.failure()).isEmpty();
        assertThat(report.agrees()).isFalse();
    }

    @Test
    void moreStagesThanLayersAreRefused() throws IOException {
        writeCase("""
                {"component": "llama.logits", "checkpoint": "%s", "config": {"stages": 2},
                 "inputs": {"input_ids": [[5, 6]], "keep_last": 1}, "outputs": {}}
                """, "llama_layer");

        assertThat(new ParityRunner(engine).run(folder).failure())
                .hasValueSatisfying(text -> assertThat(text).contains("1 layers are cut into 1 to 1 stages"));
    }

    @Test
    void whatFollowsPaddingIsRefused() throws IOException {
        writeCase("""
                {"component": "llama.logits", "checkpoint": "%s",
                 "inputs": {"input_ids": [[5, 6, 0]], "attention_mask": [[1, 1, 0]], "keep_last": 1},
                 "outputs": {}}
                """, "llama_layer");

        assertThat(new ParityRunner(engine).run(folder).failure())
                .hasValueSatisfying(text -> assertThat(text).contains("column 2 is padding"));
    }

    private void writeCase(String text, String like) throws IOException {
        Files.writeString(
                folder.resolve("case.json"), text.formatted(released(like).resolve("checkpoint")));
        Files.copy(released(like).resolve("tensors.safetensors"), folder.resolve("tensors.safetensors"));
    }

    private static Path released(String name) {
        URL url = Objects.requireNonNull(LlamaComponentsTest.class.getResource("/cases/" + name));
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
