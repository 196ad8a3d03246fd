package io.kinora.model.text;

import io.kinora.model.text.SentencePieceModel.PieceType;
import io.kinora.model.text.Tokenizer.SpecialTokens;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Ids to text as the fast LLaMA tokenizer does it: blank marks become blanks, a run of byte tokens becomes its characters (or
 * one U+FFFD a byte if the run as a whole is not UTF-8), and one leading blank of the whole text is dropped.
 */
final class LlamaFusedDecoder implements StreamingDecoder {
    private final Tokenizer tokenizer;
    private final SentencePieceModel model;
    private final AddedTokens added;
    private final SpecialTokens specials;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean begun;

    LlamaFusedDecoder(Tokenizer tokenizer, SentencePieceModel model, AddedTokens added, SpecialTokens specials) {
        this.tokenizer = tokenizer;
        this.model = model;
        this.added = added;
        this.specials = specials;
    }

    @Override
    public String next(int id) {
        String name = tokenizer.token(id);
        if (added.isSpecial(id) && specials == SpecialTokens.SKIPPED) {
            return "";
        }
        if (id < model.size() && model.piece(id).type() == PieceType.BYTE) {
            bytes.write(Integer.parseInt(name.substring(3, 5), 16));
            return "";
        }
        return withoutLeadingBlank(takeBytes() + name.replace(SentencePieceModel.BLANK, ' '));
    }

    @Override
    public String finish() {
        return withoutLeadingBlank(takeBytes());
    }

    private String withoutLeadingBlank(String text) {
        if (begun || text.isEmpty()) {
            return text;
        }
        begun = true;
        return text.charAt(0) == ' ' ? text.substring(1) : text;
    }

    private String takeBytes() {
        byte[] run = bytes.toByteArray();
        bytes.reset();
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(run))
                    .toString();
        } catch (CharacterCodingException e) {
            return "\uFFFD".repeat(run.length); // the official rule for a broken run
        }
    }
}
