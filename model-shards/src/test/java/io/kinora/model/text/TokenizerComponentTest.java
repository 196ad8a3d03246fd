package io.kinora.model.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.parity.ParityReport;
import io.kinora.tensor.parity.ParityRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenizerComponentTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static Engine engine;

    @TempDir
    Path folder;

    @BeforeAll
    static void openEngine() {
        engine = Engines.open(Engines.AUTO, Device.CPU);
    }

    @AfterAll
    static void closeEngine() {
        engine.close();
    }

    @Test
    void aCaseWithPaddedRowsAgrees() throws IOException {
        JsonNode golden = Golden.read("byte-level.json").path("clip");
        ObjectNode description = description("tokenizer", Golden.folder("clip-tiny"));
        description.putObject("inputs").put("max_length", 12).set("texts", golden.path("texts"));
        ObjectNode outputs = description.putObject("outputs");
        outputs.putObject("ids").set("value", golden.path("ids"));
        outputs.putObject("padded_ids").set("value", golden.path("padded_12"));

        agrees(description);
    }

    @Test
    void rowsArePaddedToTheLongestOfTheFirstOnTheSideThatTheFilesName() throws IOException {
        ObjectNode description = description("tokenizer", Golden.folder("kinora-shapes"));
        description.set(
                "inputs", JSON.readTree("{\"texts\": [\"red\", \"red red\", \"red red red red\"], \"pad_first\": 2}"));
        int red =
                Tokenizers.open(Golden.folder("kinora-shapes")).id("\u2581red").orElseThrow();
        description.set("outputs", JSON.readTree("""
                        {"ids": {"value": [[1, %1$d], [1, %1$d, %1$d], [1, %1$d, %1$d, %1$d, %1$d]]},
                         "padded_ids": {"value": [[1024, 1, %1$d], [1, %1$d, %1$d]]},
                         "attention_mask": {"value": [[0, 1, 1], [1, 1, 1]]},
                         "decoded": {"value": ["red", "red red", "red red red red"]}}
                        """.formatted(red)));

        agrees(description);
    }

    @Test
    void idsBecomeTheTextOfTheOfficialTokenizer() throws IOException {
        JsonNode golden = Golden.read("llama-4.45.2.json");
        ObjectNode description = description("tokenizer.decode", Golden.folder("kinora-shapes"));
        description.putObject("inputs").set("ids", golden.path("id_lists"));
        description.putObject("outputs").putObject("text").set("value", golden.path("native_skipped"));
        agrees(description);

        description
                .putObject("inputs")
                .put("skip_special_tokens", false)
                .set("ids", golden.path("id_lists").path(3));
        description
                .putObject("outputs")
                .putObject("text")
                .set("value", golden.path("native_kept").path(3));
        agrees(description);
    }

    @Test
    void aWrongIdMakesTheCaseDiffer() throws IOException {
        ObjectNode description = description("tokenizer", Golden.folder("kinora-shapes"));
        description.set("inputs", JSON.readTree("{\"texts\": [\"red\"]}"));
        description.set("outputs", JSON.readTree("{\"ids\": {\"value\": [[1, 3]]}}"));

        assertThat(run(description).agrees()).isFalse();
    }

    @Test
    void aFolderWithoutTokenizerFailsTheCaseWithAReason() throws IOException {
        ObjectNode description = description("tokenizer", folder);
        description.set("inputs", JSON.readTree("{\"texts\": [\"red\"]}"));
        description.putObject("outputs");

        assertThat(run(description).failure())
                .hasValueSatisfying(text -> assertThat(text).contains("holds no tokenizer"));
    }

    private static ObjectNode description(String component, Path checkpoint) {
        return JSON.createObjectNode().put("component", component).put("checkpoint", checkpoint.toString());
    }

    private void agrees(ObjectNode description) throws IOException {
        ParityReport report = run(description);
        assertThat(report.failure()).isEmpty();
        assertThat(report.agrees()).as(report.toString()).isTrue();
    }

    private ParityReport run(ObjectNode description) throws IOException {
        Files.writeString(folder.resolve("case.json"), description.toString());
        return new ParityRunner(engine).run(folder);
    }
}
