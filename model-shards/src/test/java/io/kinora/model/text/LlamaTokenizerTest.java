package io.kinora.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.model.text.Tokenizer.Segment;
import io.kinora.model.text.Tokenizer.SpecialTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class LlamaTokenizerTest {
    private static final Path SHAPES = Golden.folder("kinora-shapes");
    private static final Tokenizer NATIVE = Tokenizers.open(SHAPES);
    private static final Tokenizer HUGGING_FACE =
            Tokenizers.open(SHAPES, TokenizerOptions.NATIVE.withStyle(TokenizerStyle.HUGGING_FACE));

    @TempDir
    Path folder;

    @Test
    void nativeIdsAreThoseOfTheSlowTokenizerOfThePinnedRelease() {
        idsAreEqual(NATIVE, Golden.read("llama-4.31.0.json"), "native_ids");
    }

    @Test
    void huggingFaceIdsAreThoseOfTheFastTokenizer() {
        idsAreEqual(HUGGING_FACE, Golden.read("llama-4.31.0.json"), "hugging_face_ids");
        idsAreEqual(HUGGING_FACE, Golden.read("llama-4.45.2.json"), "hugging_face_ids");
    }

    @ParameterizedTest
    @CsvSource({"SKIPPED, native_skipped", "KEPT, native_kept"})
    void nativeTextIsThatOfTheSlowTokenizer(SpecialTokens specials, String key) {
        textsAreEqual(NATIVE, specials, key);
    }

    @ParameterizedTest
    @CsvSource({"SKIPPED, hugging_face_skipped", "KEPT, hugging_face_kept"})
    void huggingFaceTextIsThatOfTheFastTokenizer(SpecialTokens specials, String key) {
        textsAreEqual(HUGGING_FACE, specials, key);
    }

    @ParameterizedTest
    @EnumSource(TokenizerStyle.class)
    void aStreamWithoutSpecialTokensGivesTheWholeText(TokenizerStyle style) {
        Tokenizer tokenizer = style == TokenizerStyle.NATIVE ? NATIVE : HUGGING_FACE;
        for (JsonNode list : Golden.read("llama-4.45.2.json").path("id_lists")) {
            int[] ids = Golden.ids(list);
            assertThat(streamed(tokenizer, ids, SpecialTokens.SKIPPED))
                    .as(list.toString())
                    .isEqualTo(tokenizer.decode(ids));
        }
    }

    @ParameterizedTest
    @EnumSource(TokenizerStyle.class)
    void aStreamThatKeepsSpecialTokensGivesTheWholeTextOfAnAnswer(TokenizerStyle style) {
        Tokenizer tokenizer = style == TokenizerStyle.NATIVE ? NATIVE : HUGGING_FACE;
        int[] ids = tokenizer.encode(tokenizer.parse("The <phrase>big dog</phrase><object><patch_index_0010>"
                + "<patch_index_0020><patch_index_0100><patch_index_0224></object> sits é🙂 there."));

        assertThat(streamed(tokenizer, ids, SpecialTokens.KEPT)).isEqualTo(tokenizer.decode(ids, SpecialTokens.KEPT));
    }

    @Test
    void namesOfSpecialTokensInPlainTextStayText() {
        for (Tokenizer tokenizer : List.of(NATIVE, HUGGING_FACE)) {
            for (String name : List.of(
                    "[IMG]", "</s>", "<s>", "<unk>", "[PAD]", "<image>", "<patch_index_0012>", "[USER]", "<0x41>")) {
                String text = "say " + name + " now";
                int[] ids = tokenizer.encode(text);

                assertThat(ids).as(name).doesNotContain(tokenizer.id(name).orElse(-1));
                assertThat(tokenizer.decode(ids)).isEqualTo(text);
            }
        }
    }

    @Test
    void textBesideATokenLosesItsBlanksInNativeStyleOnly() {
        int image = NATIVE.id("[IMG]").orElseThrow();
        List<Segment> segments = List.of(
                new Segment.Text(" a"),
                new Segment.Text(" \n"),
                new Segment.Token(image),
                new Segment.Text("\u3000 b "));

        assertThat(NATIVE.encode(segments))
                .isEqualTo(concat(NATIVE.encode(" a"), new int[] {image}, NATIVE.encode("b ")));
        assertThat(HUGGING_FACE.encode(segments))
                .isEqualTo(concat(HUGGING_FACE.encode(" a \n"), new int[] {image}, HUGGING_FACE.encode("\u3000 b ")));
    }

    @Test
    void addedTokensComeAfterTheBaseVocabularyInTheReleasedOrder() {
        assertThat(NATIVE.vocabularySize()).isEqualTo(1024 + 274);
        assertThat(NATIVE.padId()).hasValue(1024);
        assertThat(NATIVE.id("[IMG]")).hasValue(1025);
        assertThat(NATIVE.id("<patch_index_0256>")).hasValue(1024 + 271);
        assertThat(NATIVE.id("[ASSISTANT]")).hasValue(1024 + 273);
        assertThat(NATIVE.id("nothing like it")).isEmpty();
        assertThat(NATIVE.token(1024 + 272)).isEqualTo("[USER]");
        assertThat(NATIVE.beginId()).hasValue(1);
        assertThat(NATIVE.endId()).hasValue(2);
    }

    @Test
    void describedTokensKeepTheBlanksBesideThem() throws IOException {
        Files.copy(SHAPES.resolve("tokenizer.model"), folder.resolve("tokenizer.model"));
        Files.writeString(folder.resolve("special_tokens_map.json"), """
                {"bos_token": {"content": "<s>", "lstrip": false, "rstrip": false},
                 "eos_token": {"content": "</s>", "lstrip": false, "rstrip": true},
                 "unk_token": "<unk>"}
                """);
        Tokenizer tokenizer = Tokenizers.open(folder);

        assertThat(tokenizer.encodeParsed("a <s> b"))
                .isEqualTo(concat(new int[] {1}, tokenizer.encode("a "), new int[] {1}, tokenizer.encode(" b")));
        assertThat(tokenizer.encodeParsed("a </s> b"))
                .isEqualTo(concat(new int[] {1}, tokenizer.encode("a "), new int[] {2}, tokenizer.encode("b")));
        assertThat(tokenizer.encodeParsed("a <unk> b"))
                .isEqualTo(concat(new int[] {1}, tokenizer.encode("a"), new int[] {0}, tokenizer.encode("b")));
        assertThat(tokenizer.padId()).isEmpty();
    }

    @Test
    void tokensOfTheOptionsGetTheNextFreeIds() throws IOException {
        Files.copy(SHAPES.resolve("tokenizer.model"), folder.resolve("tokenizer.model"));
        Tokenizer tokenizer = Tokenizers.open(
                folder,
                TokenizerOptions.NATIVE
                        .withSpecialTokens(List.of("[PAD]", "<s>"))
                        .withOrdinaryTokens(List.of("<Media>", "[IMAGE]")));

        assertThat(tokenizer.id("[PAD]")).hasValue(1024);
        assertThat(tokenizer.id("<s>")).hasValue(1);
        assertThat(tokenizer.id("<Media>")).hasValue(1025);
        assertThat(tokenizer.id("[IMAGE]")).hasValue(1026);
        assertThat(tokenizer.decode(tokenizer.encodeParsed("Modality: [IMAGE] Prompt: a cat [PAD]")))
                .isEqualTo("Modality: [IMAGE] Prompt: a cat");
    }

    @Test
    void endIsAddedWhereTheConfigurationSaysSo() throws IOException {
        Files.copy(SHAPES.resolve("tokenizer.model"), folder.resolve("tokenizer.model"));
        Files.writeString(
                folder.resolve("tokenizer_config.json"), "{\"add_bos_token\": false, \"add_eos_token\": true}");
        Tokenizer tokenizer = Tokenizers.open(folder);

        assertThat(tokenizer.encodeParsed("a")).isEqualTo(concat(tokenizer.encode("a"), new int[] {2}));
    }

    @Test
    void addedTokensOfNewerConfigsAreRead() throws IOException {
        Files.copy(SHAPES.resolve("tokenizer.model"), folder.resolve("tokenizer.model"));
        Files.writeString(folder.resolve("tokenizer_config.json"), """
                {"legacy": true, "added_tokens_decoder": {
                    "1": {"content": "<s>", "special": true},
                    "1024": {"content": "[IMG]", "special": true, "lstrip": true},
                    "1025": {"content": "<Media>", "special": false}}}
                """);
        Tokenizer tokenizer = Tokenizers.open(folder);

        assertThat(tokenizer.vocabularySize()).isEqualTo(1026);
        assertThat(tokenizer.decode(1024, 1025)).isEqualTo("<Media>");
        assertThat(tokenizer.encodeParsed("a [IMG]"))
                .isEqualTo(concat(new int[] {1}, tokenizer.encode("a"), new int[] {1024}));
    }

    @Test
    void rowsAreFilledAndCutOnTheSideThatTheFilesName() throws IOException {
        int[] content = NATIVE.encode("red blue green white");
        PaddedRows left = PaddedRows.toLength(NATIVE, List.of(new int[] {1, 5}, concat(new int[] {1}, content)), 4);

        assertThat(left.ids())
                .containsExactly(
                        new int[] {1024, 1024, 1, 5}, concat(new int[] {1}, Arrays.copyOfRange(content, 1, 4)));
        assertThat(left.mask()).containsExactly(new int[] {0, 0, 1, 1}, new int[] {1, 1, 1, 1});

        Files.copy(SHAPES.resolve("tokenizer.model"), folder.resolve("tokenizer.model"));
        Tokenizer withoutPad = Tokenizers.open(folder);
        assertThat(PaddedRows.toLength(withoutPad, List.of(concat(new int[] {1}, content)), 4)
                        .ids())
                .containsExactly(concat(new int[] {1}, Arrays.copyOf(content, 3)));
        assertThatThrownBy(() -> PaddedRows.toLongest(withoutPad, List.of(new int[] {1}, new int[] {1, 2})))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("need a pad token");
    }

    @Test
    void theOwnTokenizerIsWrittenIntoAnyFolder() throws IOException {
        ShapesTokenizer.writeTo(folder.resolve("checkpoint"));
        Tokenizer written = Tokenizers.open(folder.resolve("checkpoint"));

        assertThat(written.vocabularySize()).isEqualTo(1298);
        assertThat(written.encodeParsed("a red circle")).isEqualTo(NATIVE.encodeParsed("a red circle"));
    }

    @Test
    void veryLongTextTakesLittleTime() {
        String text = "x".repeat(50_000) + " moves".repeat(10_000) + "日".repeat(10_000);

        assertThat(NATIVE.decode(NATIVE.encode(text))).isEqualTo(text);
    }

    @Test
    void anIdOutsideTheVocabularyIsRefusedByNumber() {
        assertThatThrownBy(() -> NATIVE.decode(5, 1298))
                .isInstanceOf(TokenizerException.class)
                .hasMessage("no token has the id 1298; ids go from 0 to 1297");
        assertThatThrownBy(() -> NATIVE.encode(List.of(new Segment.Token(-1)))).isInstanceOf(TokenizerException.class);
    }

    @Test
    void laterFormsOfTheTokenizerAreRefused() throws IOException {
        Files.copy(SHAPES.resolve("tokenizer.model"), folder.resolve("tokenizer.model"));
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"legacy\": false}");

        assertThatThrownBy(() -> Tokenizers.open(folder))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("\"legacy\": false");
    }

    @Test
    void brokenFilesAreNamed() throws IOException {
        assertThatThrownBy(() -> Tokenizers.open(folder))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("holds no tokenizer: expected tokenizer.model");

        Files.copy(SHAPES.resolve("tokenizer.model"), folder.resolve("tokenizer.model"));
        Files.writeString(folder.resolve("special_tokens_map.json"), "{\"bos_token\": ");
        assertThatThrownBy(() -> Tokenizers.open(folder))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("special_tokens_map.json is not JSON");

        Files.writeString(folder.resolve("special_tokens_map.json"), "{}");
        Files.writeString(folder.resolve("added_tokens.json"), "{\"[IMG]\": \"many\"}");
        assertThatThrownBy(() -> Tokenizers.open(folder))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("gives '[IMG]' the id \"many\", expected a whole number");
    }

    private static void idsAreEqual(Tokenizer tokenizer, JsonNode golden, String key) {
        List<String> texts = Golden.texts(golden.path("texts"));
        assertThat(texts).hasSizeGreaterThan(100);
        for (int i = 0; i < texts.size(); i++) {
            assertThat(tokenizer.encodeParsed(texts.get(i)))
                    .as("text %d: %s", i, texts.get(i))
                    .isEqualTo(Golden.ids(golden.path(key).get(i)));
        }
    }

    private static void textsAreEqual(Tokenizer tokenizer, SpecialTokens specials, String key) {
        JsonNode golden = Golden.read("llama-4.45.2.json");
        List<String> texts = Golden.texts(golden.path(key));
        assertThat(texts).hasSize(120);
        for (int i = 0; i < texts.size(); i++) {
            assertThat(tokenizer.decode(Golden.ids(golden.path("id_lists").get(i)), specials))
                    .as(golden.path("id_lists").get(i).toString())
                    .isEqualTo(texts.get(i));
        }
    }

    private static String streamed(Tokenizer tokenizer, int[] ids, SpecialTokens specials) {
        StreamingDecoder decoder = tokenizer.streamingDecoder(specials);
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(decoder.next(id));
        }
        return text.append(decoder.finish()).toString();
    }

    private static int[] concat(int[]... parts) {
        return Stream.of(parts).flatMapToInt(Arrays::stream).toArray();
    }
}
