package io.kinora.actors.adapter;

import io.kinora.decoder.parity.EmbeddingsToImage;
import io.kinora.decoder.pipeline.Prompt;
import io.kinora.model.emu2.prompt.GenerationPrompt;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityOutputs;
import io.kinora.video.RgbFrame;
import java.util.List;
import java.util.Optional;

/**
 * {@code emu2.generate_image}: a prompt through Emu2's language model to embeddings, and through its decoder to a picture; and the prompt's own
 * picture, encoded and decoded again.
 */
public final class Emu2ImageComponent implements ParityComponent {
    @Override
    public String name() {
        return "emu2.generate_image";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        try (Emu2Case emu2 = Emu2Case.open(parityCase, engine)) {
            GenerationPrompt prompt = GenerationPrompt.of(emu2.parts(parityCase.required("prompt")));
            EmbeddingsToImage decoder = new EmbeddingsToImage(parityCase, engine);
            if (prompt instanceof GenerationPrompt.Regressed regressed) {
                decoder.put("image", regressed(emu2, regressed), outputs, true);
            }
            if (!emu2.images().isEmpty()) {
                Prompt.Embeddings own = encoded(emu2, emu2.images().get(0));
                boolean alone = !(prompt instanceof GenerationPrompt.Regressed);
                decoder.put("autoencoded", own, outputs, alone);
                if (alone) {
                    decoder.put("image", own, outputs, false);
                }
            }
        }
    }

    private static Prompt.Embeddings regressed(Emu2Case emu2, GenerationPrompt.Regressed prompt) {
        int count = emu2.config().imageEmbeddings();
        Tensor positive = emu2.model().regress(emu2.embed(emu2.prompts().generation(prompt)), count); // (n, D)
        return new Prompt.Embeddings(positive, Optional.of(emu2.model().regressNegative(count)));
    }

    private static Prompt.Embeddings encoded(Emu2Case emu2, RgbFrame picture) {
        Tensor pixels = emu2.pixelValues(List.of(picture)); // (1, 3, size, size)
        Tensor nothing = emu2.model().vision().encodeImages(pixels.mul(0));
        return new Prompt.Embeddings(
                emu2.model().vision().encodeImages(pixels).squeeze(0), Optional.of(nothing.squeeze(0)));
    }
}
