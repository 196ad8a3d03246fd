package io.kinora.decoder.pipeline;

import io.kinora.decoder.unet.UNetPrompt;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;

/**
 * Visual embeddings as they are: no projection and no norm stands between them and the cross-attention.
 *
 * <p>For a network with size conditioning (Emu2's image decoder) the pooled vector is their mean, and the six sizes are those Emu2 uses: an
 * original of 1024 x 1024, no crop, and the size asked for. Official class: {@code EmuVisualGenerationPipeline}; its own time ids are only
 * right for one image, the ones here for any number.
 */
final class EmbeddingPrompts implements PromptEncoder {
    private final Engine engine;
    private final int width;
    private final boolean sized;

    EmbeddingPrompts(Engine engine, int width, boolean sized) {
        this.engine = engine;
        this.width = width;
        this.sized = sized;
    }

    @Override
    public Conditions encode(Job job, int samples) {
        if (!(job.request().prompt() instanceof Prompt.Embeddings prompt)) {
            throw new InvalidRequestException("prompt", "text", "embeddings: this checkpoint has no text encoder");
        }
        if (prompt.embeddings().dim(-1) != width) {
            throw new InvalidRequestException(
                    "embeddings", prompt.embeddings().shape(), "of width %d".formatted(width));
        }
        Tensor positive = perSample(prompt.embeddings(), samples);
        Optional<UNetPrompt> negative = Optional.empty();
        if (job.guidance().isOn()) {
            Tensor given = prompt.negative()
                    .orElseThrow(() -> new InvalidRequestException(
                            "negative embeddings", "absent", "embeddings, as guidance is above 1"));
            negative = Optional.of(prompt(perSample(repeated(given, positive.dim(1)), samples), job));
        }
        return new Conditions(prompt(positive, job), negative);
    }

    private UNetPrompt prompt(Tensor embeddings, Job job) {
        if (!sized) {
            return UNetPrompt.of(embeddings);
        }
        return UNetPrompt.of(embeddings, embeddings.mean(1), TimeIds.of(engine, job, Framing.EMU2, embeddings.dim(0)));
    }

    /** {@code [n, D]} or {@code [samples, n, D]} to {@code [samples, n, D]}. */
    private Tensor perSample(Tensor embeddings, int samples) {
        Tensor here = engine.adopt(embeddings);
        if (here.rank() == 2) {
            return here.unsqueeze(0).expand(samples, here.dim(0), here.dim(1)).contiguous();
        }
        if (here.dim(0) != samples) {
            throw new InvalidRequestException("embeddings", here.shape(), "[n, D], or [%d, n, D]".formatted(samples));
        }
        return here;
    }

    /** Over and over, up to {@code rows}: attention to repeated tokens is attention to them once. */
    private Tensor repeated(Tensor embeddings, long rows) {
        Tensor here = engine.adopt(embeddings);
        Tensor[] parts = new Tensor[Math.toIntExact(rows / here.dim(0))];
        Arrays.fill(parts, here);
        return parts.length == 1 ? here : engine.cat(Arrays.asList(parts), 0);
    }
}
