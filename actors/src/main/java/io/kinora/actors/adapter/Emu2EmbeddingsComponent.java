package io.kinora.actors.adapter;

import io.kinora.model.emu2.prompt.Emu2PromptIds;
import io.kinora.model.emu2.prompt.GenerationPrompt;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityOutputs;

/**
 * {@code emu2.generate_embeddings}: the embeddings that a picture is decoded from, and those that guidance leads away from. A picture alone
 * has its own, and those of a picture of mean colour.
 */
public final class Emu2EmbeddingsComponent implements ParityComponent {
    @Override
    public String name() {
        return "emu2.generate_embeddings";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        try (Emu2Case emu2 = Emu2Case.open(parityCase, engine)) {
            GenerationPrompt prompt = GenerationPrompt.of(emu2.parts(parityCase.required("prompt")));
            if (prompt instanceof GenerationPrompt.Regressed regressed) {
                int count = emu2.config().imageEmbeddings();
                Emu2PromptIds ids = emu2.prompts().generation(regressed);
                outputs.put("input_ids", emu2.ids(ids));
                outputs.put(
                        "embeddings",
                        emu2.model().regress(emu2.embed(ids), count).unsqueeze(0));
                outputs.put(
                        "negative_embeddings",
                        emu2.model().regressNegative(count).unsqueeze(0));
            } else {
                Tensor pixels = emu2.pixelValues(emu2.images());
                outputs.put("embeddings", emu2.model().vision().encodeImages(pixels));
                outputs.put("negative_embeddings", emu2.model().vision().encodeImages(pixels.mul(0)));
            }
        }
    }
}
