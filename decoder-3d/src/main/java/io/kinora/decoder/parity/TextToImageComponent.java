package io.kinora.decoder.parity;

import io.kinora.decoder.pipeline.GenerationRequest;
import io.kinora.tensor.Engine;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityOutputs;
import java.util.List;

/** {@code text_to_image}: a prompt, and noise or a seed, to as many stills {@code [N, Y, X, 3]} as there is noise for. */
public final class TextToImageComponent implements ParityComponent {
    @Override
    public String name() {
        return "text_to_image";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        GenerationRequest.Builder request = PipelineInputs.request(parityCase);
        request.frames(stills(parityCase, engine));
        GivenNoise noise = new GivenNoise(parityCase, engine, List.of("latents"));
        PictureForm.put(
                parityCase,
                "image",
                new PipelineRun(parityCase, engine).frames(request.build(), noise, outputs),
                outputs);
    }

    private static int stills(ParityCase parityCase, Engine engine) {
        return parityCase.hasInput("latents")
                ? Math.toIntExact(parityCase.tensor("latents", engine).dim(0))
                : parityCase.input("num_images_per_prompt").asInt(1);
    }
}
