package io.kinora.decoder.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.decoder.pipeline.Framing;
import io.kinora.decoder.pipeline.GenerationRequest;
import io.kinora.decoder.pipeline.Prompt;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityOutputs;
import java.util.List;

/** The half of {@code emu2.generate_image} that comes after the embeddings: for the component that makes them. */
public final class EmbeddingsToImage {
    private final ParityCase parityCase;
    private final Engine engine;

    /** With the inputs of a case. */
    public EmbeddingsToImage(ParityCase parityCase, Engine engine) {
        this.parityCase = parityCase;
        this.engine = engine;
    }

    /** Puts the picture of embeddings under a name, and with {@code latents} what it was decoded from. */
    public void put(String name, Prompt.Embeddings prompt, ParityOutputs outputs, boolean latents) {
        GenerationRequest.Builder request =
                PipelineInputs.request(parityCase, prompt).frames(1);
        if (parityCase.hasInput("original_size") || parityCase.hasInput("crop_info")) {
            request.framing(framing());
        }
        GivenNoise noise = new GivenNoise(parityCase, engine, List.of("latents"));
        Tensor picture = new PipelineRun(parityCase, engine)
                .frames(request.build(), noise, latents ? outputs : new ParityOutputs());
        PictureForm.put(parityCase, name, picture, outputs);
    }

    private Framing framing() {
        JsonNode size = parityCase.input("original_size");
        JsonNode crop = parityCase.input("crop_info");
        return new Framing(
                size.path(0).asInt(Framing.EMU2.originalHeight()),
                size.path(1).asInt(Framing.EMU2.originalWidth()),
                crop.path(0).asInt(0),
                crop.path(1).asInt(0));
    }
}
