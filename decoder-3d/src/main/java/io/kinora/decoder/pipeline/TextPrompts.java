package io.kinora.decoder.pipeline;

import io.kinora.decoder.unet.UNetPrompt;
import io.kinora.tensor.Tensor;
import java.util.Optional;

/** Words through one CLIP text encoder, its last hidden state after the final norm: Stable Diffusion 1 and 2, ModelScope, Zeroscope. */
final class TextPrompts implements PromptEncoder {
    private final ClipText text;

    TextPrompts(ClipText text) {
        this.text = text;
    }

    @Override
    public Conditions encode(Job job, int samples) {
        Prompt.Text prompt = text(job);
        return new Conditions(
                encode(prompt.prompt(), samples),
                job.guidance().isOn() ? Optional.of(encode(prompt.negative().orElse(""), samples)) : Optional.empty());
    }

    private UNetPrompt encode(String words, int samples) {
        return UNetPrompt.of(repeated(text.encode(words).lastHiddenState(), samples));
    }

    static Prompt.Text text(Job job) {
        if (job.request().prompt() instanceof Prompt.Text prompt) {
            return prompt;
        }
        throw new InvalidRequestException("prompt", "embeddings", "a text: this checkpoint is conditioned on words");
    }

    /** {@code [1, ...]} to {@code [samples, ...]}. */
    static Tensor repeated(Tensor row, int samples) {
        return samples == 1 ? row : row.repeatInterleave(samples, 0);
    }
}
