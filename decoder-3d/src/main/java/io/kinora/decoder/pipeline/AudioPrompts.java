package io.kinora.decoder.pipeline;

import io.kinora.decoder.audio.ClapTextModel;
import io.kinora.decoder.audio.ClapTokens;
import io.kinora.decoder.unet.UNetPrompt;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import java.util.Optional;

/** Words, or embeddings as they are, to the class embeddings that AudioLDM's U-Net is conditioned on. */
final class AudioPrompts {
    private final Engine engine;
    private final ClapTokens tokens;
    private final ClapTextModel model;

    AudioPrompts(Engine engine, ClapTokens tokens, ClapTextModel model) {
        this.engine = engine;
        this.tokens = tokens;
        this.model = model;
    }

    /** Pieces of sound that a prompt asks for. */
    int pieces(Prompt prompt) {
        return prompt instanceof Prompt.Embeddings given
                ? Math.toIntExact(given.embeddings().dim(0))
                : 1;
    }

    /** A row of conditions for each piece. */
    Conditions encode(Prompt prompt, Guidance guidance) {
        if (prompt instanceof Prompt.Embeddings given) {
            Tensor embeddings = given.embeddings();
            requireWidth(embeddings);
            return conditions(embeddings, guidance, given.negative().orElseGet(() -> embed("", embeddings.dim(1))));
        }
        Prompt.Text text = (Prompt.Text) prompt;
        Tensor embedding = embed(text.prompt(), Integer.MAX_VALUE);
        if (!guidance.isOn()) {
            return new Conditions(UNetPrompt.ofClass(embedding), Optional.empty());
        }
        // As the official pipeline has it: the other text may have as many tokens as the embedding is wide.
        return conditions(embedding, guidance, embed(text.negative().orElse(""), embedding.dim(1)));
    }

    private Conditions conditions(Tensor embeddings, Guidance guidance, Tensor negative) {
        int times = Math.toIntExact(embeddings.dim(0) / negative.dim(0));
        return new Conditions(
                UNetPrompt.ofClass(embeddings),
                guidance.isOn()
                        ? Optional.of(UNetPrompt.ofClass(times == 1 ? negative : negative.repeatInterleave(times, 0)))
                        : Optional.empty());
    }

    /** {@code [1, E]} of length 1. */
    private Tensor embed(String words, long mostTokens) {
        long[] ids = tokens.ids(words, Math.toIntExact(mostTokens));
        Tensor row = engine.of(ids, 1, ids.length);
        return ClapTextModel.normalized(model.forward(row, engine.full(1, DType.I64, 1, ids.length)));
    }

    private void requireWidth(Tensor embeddings) {
        int width = model.config().projectionWidth();
        if (embeddings.dim(1) != width) {
            throw new InvalidRequestException("embeddings", embeddings.shape(), "[n, %d]".formatted(width));
        }
    }
}
