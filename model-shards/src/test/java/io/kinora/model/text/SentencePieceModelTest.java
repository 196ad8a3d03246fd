package io.kinora.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SentencePieceModelTest {
    private static final JsonNode GOLDEN = Golden.read("sentencepiece-variants.json");

    @ParameterizedTest
    @ValueSource(strings = {"no-byte-fallback", "user-defined", "extra-blanks-removed", "no-prefix"})
    void idsAreThoseOfSentencePieceUnderEverySupportedSetting(String variant) {
        JsonNode golden = GOLDEN.path("variants").path(variant);
        SentencePieceModel model = SentencePieceModel.parse(variant, bytes(golden.path("model")));
        SentencePieceBpe bpe = new SentencePieceBpe(model);
        List<String> texts = Golden.texts(golden.path("texts"));
        for (int i = 0; i < texts.size(); i++) {
            assertThat(bpe.encode(model.normalize(texts.get(i))))
                    .as("'%s'", texts.get(i))
                    .isEqualTo(Golden.ids(golden.path("ids").get(i)));
        }
    }

    @ParameterizedTest
    @CsvSource({"unigram, only BPE (2) is supported", "suffix, treats blanks as suffixes"})
    void settingsThatAreNotImplementedAreRefused(String variant, String reason) {
        byte[] model = bytes(GOLDEN.path("refused").path(variant));

        assertThatThrownBy(() -> SentencePieceModel.parse("tokenizer.model", model))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void aCharacterMapIsRefused() {
        byte[] model = bytes(GOLDEN.path("variants").path("no-prefix").path("model"));
        byte[] withMap = Arrays.copyOf(model, model.length + 5);
        System.arraycopy(
                new byte[] {0x1a, 3, 0x12, 1, 7},
                0,
                withMap,
                model.length,
                5); // normalizer_spec { precompiled_charsmap }

        assertThatThrownBy(() -> SentencePieceModel.parse("tokenizer.model", withMap))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("only identity is supported");
    }

    @Test
    void everyTruncationIsRefusedOrLeavesAModelWithoutItsEnd() {
        byte[] model = bytes(GOLDEN.path("variants").path("no-prefix").path("model"));
        for (int length = 0; length < 400; length++) {
            byte[] part = Arrays.copyOf(model, length);
            assertThatThrownBy(() -> SentencePieceModel.parse("tokenizer.model", part))
                    .isInstanceOf(TokenizerException.class);
        }
    }

    private static byte[] bytes(JsonNode base64) {
        return Base64.getDecoder().decode(base64.asText());
    }
}
