package io.kinora.decoder.pipeline;

import io.kinora.decoder.text.ClipTextModel;
import io.kinora.decoder.text.ClipTextOutput;
import io.kinora.decoder.text.PromptTokens;
import io.kinora.tensor.Engine;

/** A CLIP tokenizer and the text encoder behind it. */
final class ClipText {
    private final Engine engine;
    private final PromptTokens tokens;
    private final ClipTextModel encoder;

    ClipText(Engine engine, PromptTokens tokens, ClipTextModel encoder) {
        this.engine = engine;
        this.tokens = tokens;
        this.encoder = encoder;
    }

    ClipTextOutput encode(String text) {
        long[] ids = tokens.ids(text);
        return encoder.forward(engine.of(ids, 1, ids.length));
    }
}
