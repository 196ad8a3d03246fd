package io.kinora.decoder.pipeline;

import io.kinora.decoder.text.ClipTextModel;
import io.kinora.decoder.text.ClipTextOutput;
import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.model.text.Tokenizer;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import java.util.Arrays;

/** A CLIP tokenizer and the text encoder behind it. */
final class ClipText {
    private final Engine engine;
    private final Tokenizer tokenizer;
    private final ClipTextModel encoder;
    private final int end;
    private final int pad;

    ClipText(Engine engine, Tokenizer tokenizer, ClipTextModel encoder) {
        this.engine = engine;
        this.tokenizer = tokenizer;
        this.encoder = encoder;
        this.end = tokenizer.endId().orElseThrow(() -> new CheckpointException("the tokenizer has no end token"));
        this.pad = tokenizer.padId().orElseThrow(() -> new CheckpointException("the tokenizer has no pad token"));
    }

    ClipTextOutput encode(String text) {
        return encoder.forward(ids(text));
    }

    /**
     * Ids {@code [1, T]} of as many tokens as the encoder has positions: begin, text, end, padding. Text that is too long is cut off before
     * the end, as the official pipelines do. Padding is attended to, so its id matters.
     */
    private Tensor ids(String text) {
        int length = encoder.config().positions();
        int[] given = tokenizer.encodeParsed(text);
        long[] ids = new long[length];
        Arrays.fill(ids, pad);
        for (int i = 0; i < Math.min(given.length, length); i++) {
            ids[i] = given[i];
        }
        if (given.length > length) {
            ids[length - 1] = end;
        }
        return engine.of(ids, 1, length);
    }
}
