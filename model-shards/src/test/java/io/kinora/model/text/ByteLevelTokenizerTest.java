package io.kinora.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.model.text.Tokenizer.SpecialTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ByteLevelTokenizerTest {
    private static final JsonNode GOLDEN = Golden.read("byte-level.json");
    private static final Path CLIP = Golden.folder("clip-tiny");
    private static final Path ROBERTA = Golden.folder("roberta-tiny");

    @TempDir
    Path folder;

    @Test
    void clipIdsAndTextsAreThoseOfTheOfficialTokenizer() {
        agrees((ByteLevelTokenizer) Tokenizers.open(CLIP), "clip");
    }

    @Test
    void clipPadsWithEndWhereTheFilesSaySo() throws IOException {
        copy(CLIP, "vocab.json", "merges.txt", "tokenizer_config.json");
        Files.writeString(
                folder.resolve("special_tokens_map.json"),
                Files.readString(CLIP.resolve("special_tokens_map.json")).replace("\"!\"", "\"<|endoftext|>\""));

        agrees(ClipTokenizer.open(folder), "clip_pad_is_end");
    }

    @Test
    void robertaIdsAndTextsAreThoseOfTheOfficialTokenizer() {
        Tokenizer roberta = Tokenizers.open(ROBERTA);

        assertThat(roberta).isInstanceOf(RobertaTokenizer.class);
        agrees((ByteLevelTokenizer) roberta, "roberta");
    }

    @Test
    void theSpecialTokensMapDecidesThePadToken() {
        ClipTokenizer clip = ClipTokenizer.open(CLIP);

        // tokenizer_config.json says <|endoftext|>
        assertThat(clip.padId()).hasValue(0);
        assertThat(clip.encodePadded("a cat")).hasSize(77).endsWith(0, 0, 0);
    }

    @Test
    void anExclamationMarkIsThePadTokenOrTextAsChosen() {
        ClipTokenizer official = ClipTokenizer.open(CLIP);
        ClipTokenizer original = ClipTokenizer.open(CLIP, ClipTokenizer.PadInText.TEXT);
        int mark = original.id("!</w>").orElseThrow();

        assertThat(official.encode(official.parse("!"))).containsExactly(0);
        assertThat(original.encode(original.parse("!"))).containsExactly(mark);
        assertThat(original.padId()).hasValue(0);
        assertThat(official.encode("!")).containsExactly(mark);
    }

    @Test
    void namesOfSpecialTokensInPlainTextStayText() {
        for (Tokenizer tokenizer : List.of(Tokenizers.open(CLIP), Tokenizers.open(ROBERTA))) {
            int begin = tokenizer.beginId().orElseThrow();
            int end = tokenizer.endId().orElseThrow();
            String text = tokenizer.token(begin) + " x " + tokenizer.token(end);

            assertThat(tokenizer.encode(text)).doesNotContain(begin, end);
        }
    }

    @Test
    void longTextIsTruncatedWithTheEndKept() {
        ClipTokenizer clip = ClipTokenizer.open(CLIP);
        int[] ids = clip.encodePadded("red circle ".repeat(100));

        assertThat(ids).hasSize(77);
        assertThat(ids[0]).isEqualTo(clip.beginId().orElseThrow());
        assertThat(ids[76]).isEqualTo(clip.endId().orElseThrow());
        assertThat(ids[75]).isNotEqualTo(ids[76]);
    }

    @Test
    void veryLongWordsTakeLittleTime() {
        ClipTokenizer clip = ClipTokenizer.open(CLIP);
        String word = "circle".repeat(20_000);

        assertThat(clip.encode(word)).hasSizeLessThan(60_000);
    }

    @Test
    void filesThatDoNotFitTogetherAreNamed() throws IOException {
        copy(CLIP, "vocab.json", "merges.txt", "special_tokens_map.json");
        Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\ni n\nthree words here\n");
        refused("merges.txt, line 3: expected two symbols, got 'three words here'");

        Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\ni \u00ff\u00ff\n");
        refused("merges.txt, line 2: '\u00ff\u00ff' is not in vocab.json");

        Files.writeString(folder.resolve("merges.txt"), "");
        Files.writeString(folder.resolve("special_tokens_map.json"), "{\"pad_token\": \"[PAD]\"}");
        refused("the pad_token '[PAD]' is not in vocab.json");

        Files.writeString(folder.resolve("vocab.json"), "{\"<|startoftext|>\": -1}");
        refused("gives '<|startoftext|>' the id -1, expected a whole number");
    }

    private void refused(String reason) {
        assertThatThrownBy(() -> Tokenizers.open(folder))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining(reason);
    }

    private void copy(Path from, String... files) throws IOException {
        for (String file : files) {
            Files.copy(from.resolve(file), folder.resolve(file));
        }
    }

    private static void agrees(ByteLevelTokenizer tokenizer, String key) {
        JsonNode golden = GOLDEN.path(key);
        List<String> texts = Golden.texts(golden.path("texts"));
        assertThat(texts).hasSizeGreaterThan(50);
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i);
            assertThat(tokenizer.encodeParsed(text))
                    .as("'%s'", text)
                    .isEqualTo(Golden.ids(golden.path("ids").get(i)));
            assertThat(tokenizer.encodePadded(text, 12))
                    .as("'%s'", text)
                    .isEqualTo(Golden.ids(golden.path("padded_12").get(i)));
        }
        for (int i = 0; i < golden.path("id_lists").size(); i++) {
            int[] ids = Golden.ids(golden.path("id_lists").get(i));
            assertThat(tokenizer.decode(ids))
                    .isEqualTo(golden.path("skipped").get(i).asText());
            assertThat(tokenizer.decode(ids, SpecialTokens.KEPT))
                    .isEqualTo(golden.path("kept").get(i).asText());
            StreamingDecoder stream = tokenizer.streamingDecoder(SpecialTokens.SKIPPED);
            StringBuilder streamed = new StringBuilder();
            for (int id : ids) {
                streamed.append(stream.next(id));
            }
            assertThat(streamed.append(stream.finish()).toString()).isEqualTo(tokenizer.decode(ids));
        }
    }
}
