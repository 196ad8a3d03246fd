package io.kinora.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.model.text.Tokenizer.SpecialTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JsonTokenizerTest {
    private static final JsonNode GOLDEN = Golden.read("byte-level.json").path("json");
    private static final Tokenizer TOKENIZER = Tokenizers.open(Golden.folder("json-tiny"));

    @TempDir
    Path folder;

    @Test
    void idsAndTextsAreThoseOfTheLibrary() {
        List<String> texts = Golden.texts(GOLDEN.path("texts"));
        for (int i = 0; i < texts.size(); i++) {
            assertThat(TOKENIZER.encodeParsed(texts.get(i)))
                    .as(texts.get(i))
                    .isEqualTo(Golden.ids(GOLDEN.path("ids").get(i)));
        }
        for (int i = 0; i < GOLDEN.path("id_lists").size(); i++) {
            int[] ids = Golden.ids(GOLDEN.path("id_lists").get(i));
            assertThat(TOKENIZER.decode(ids))
                    .isEqualTo(GOLDEN.path("skipped").get(i).asText());
            assertThat(TOKENIZER.decode(ids, SpecialTokens.KEPT))
                    .isEqualTo(GOLDEN.path("kept").get(i).asText());
        }
    }

    @Test
    void segmentsGiveWhatParsedTextGives() {
        for (String text : List.of("say [IMG] and <Media> now", "</s> end", "é🙂 日本 [IMG]", "[IMG][IMG] a  ")) {
            int[] whole = TOKENIZER.encodeParsed(text);
            int[] segments = TOKENIZER.encode(TOKENIZER.parse(text));

            assertThat(whole[0]).isEqualTo(TOKENIZER.beginId().orElseThrow());
            assertThat(segments).as(text).isEqualTo(Arrays.copyOfRange(whole, 1, whole.length));
        }
    }

    @Test
    void namesOfSpecialTokensInPlainTextStayText() {
        String text = "say [IMG] </s> <Media>";
        int[] ids = TOKENIZER.encode(text);

        for (String name : List.of("[IMG]", "</s>", "<Media>")) {
            assertThat(ids).doesNotContain(TOKENIZER.id(name).orElseThrow());
        }
        assertThat(TOKENIZER.decode(ids)).isEqualTo(text);
    }

    @Test
    void namesInTextBesideTokensStayText() {
        int image = TOKENIZER.id("[IMG]").orElseThrow();
        int[] ids = TOKENIZER.encode(List.of(
                new Tokenizer.Segment.Text("a </s>"),
                new Tokenizer.Segment.Token(image),
                new Tokenizer.Segment.Text("[IMG]")));

        assertThat(ids).containsOnlyOnce(image).doesNotContain(TOKENIZER.endId().orElseThrow());
    }

    @Test
    void aStreamGivesTheWholeText() {
        for (JsonNode list : GOLDEN.path("id_lists")) {
            int[] ids = Golden.ids(list);
            StreamingDecoder stream = TOKENIZER.streamingDecoder(SpecialTokens.SKIPPED);
            StringBuilder streamed = new StringBuilder();
            for (int id : ids) {
                streamed.append(stream.next(id));
            }

            assertThat(streamed.append(stream.finish()).toString()).isEqualTo(TOKENIZER.decode(ids));
        }
    }

    @Test
    void textLongerThanAnyDefaultOfTheLibraryIsWhole() {
        assertThat(TOKENIZER.encode("circle ".repeat(3000)).length).isGreaterThan(3000);
    }

    @Test
    void nothingIsReportedOrFetched() {
        assertThat(TOKENIZER.vocabularySize()).isPositive();
        assertThat(System.getProperty("ai.djl.offline")).isEqualTo("true");
        assertThat(System.getProperty("OPT_OUT_TRACKING")).isEqualTo("true");
        assertThat(System.getProperty("RUST_FLAVOR")).isEqualTo("cpu");
    }

    @Test
    void itIsTheChoiceOfTheHuggingFaceStyleWhereThereIsOne() throws IOException {
        Path json = Golden.folder("json-tiny");
        Path shapes = Golden.folder("kinora-shapes");
        Files.copy(json.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
        Files.copy(shapes.resolve("tokenizer.model"), folder.resolve("tokenizer.model"));

        assertThat(Tokenizers.open(folder)).isInstanceOf(LlamaTokenizer.class);
        assertThat(Tokenizers.open(folder, TokenizerOptions.NATIVE.withStyle(TokenizerStyle.HUGGING_FACE)))
                .isInstanceOf(JsonTokenizer.class);
    }

    @Test
    void aFileThatTheLibraryCannotUseIsRefused() throws IOException {
        Files.writeString(
                folder.resolve("tokenizer.json"),
                "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [\"b c\"]}}");
        assertThatThrownBy(() -> Tokenizers.open(folder))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("tokenizer.json cannot be used");

        Files.writeString(folder.resolve("tokenizer.json"), "{\"model\": {}}");
        assertThatThrownBy(() -> Tokenizers.open(folder))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("holds no model with a vocabulary");
    }

    @Test
    void anIdOutsideTheVocabularyIsRefusedByNumber() {
        assertThatThrownBy(() -> TOKENIZER.decode(1_000_000))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("no token has the id 1000000");
    }
}
