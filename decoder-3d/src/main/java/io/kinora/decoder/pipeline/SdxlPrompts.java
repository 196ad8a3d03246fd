package io.kinora.decoder.pipeline;

import io.kinora.decoder.text.ClipTextOutput;
import io.kinora.decoder.unet.UNetPrompt;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * Words through SDXL's two text encoders: their last hidden states but one side by side, and the second one's projected pooled state.
 *
 * <p>Podell et al. 2023, arXiv:2307.01952; official class {@code StableDiffusionXLPipeline}. The size conditioning says an uncropped original
 * of the size asked for.
 */
final class SdxlPrompts implements PromptEncoder {
    private final Engine engine;
    private final ClipText first;
    private final ClipText second;
    private final boolean zerosForNoNegative;

    SdxlPrompts(Engine engine, ClipText first, ClipText second, boolean zerosForNoNegative) {
        this.engine = engine;
        this.first = first;
        this.second = second;
        this.zerosForNoNegative = zerosForNoNegative;
    }

    /** Both encoders' states for one text. */
    private record Encoded(Tensor context, Tensor pooled) {
        Encoded zeros() {
            return new Encoded(context.mul(0), pooled.mul(0));
        }
    }

    @Override
    public Conditions encode(Job job, int samples) {
        Prompt.Text prompt = TextPrompts.text(job);
        Encoded positive = encode(prompt.prompt());
        Optional<UNetPrompt> negative = Optional.empty();
        if (job.guidance().isOn()) {
            boolean zeros = prompt.negative().isEmpty() && zerosForNoNegative;
            Encoded encoded =
                    zeros ? positive.zeros() : encode(prompt.negative().orElse(""));
            negative = Optional.of(prompt(encoded, job, samples));
        }
        return new Conditions(prompt(positive, job, samples), negative);
    }

    private Encoded encode(String words) {
        ClipTextOutput outer = second.encode(words);
        Tensor context =
                engine.cat(List.of(first.encode(words).penultimateHiddenState(), outer.penultimateHiddenState()), 2);
        return new Encoded(context, outer.textEmbeds().orElseGet(outer::pooled));
    }

    private UNetPrompt prompt(Encoded encoded, Job job, int samples) {
        Framing whole = Framing.whole(job.size().height(), job.size().width());
        return UNetPrompt.of(
                TextPrompts.repeated(encoded.context(), samples),
                TextPrompts.repeated(encoded.pooled(), samples),
                TimeIds.of(engine, job, whole, samples));
    }
}
